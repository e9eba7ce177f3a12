// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Node;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.nn.models.BasicBlock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FusionTest {
  private final Tensor x = Tensor.randn(new Generator(1), 2, 8, 12, 12);
  private final List<Tensor> seen = new ArrayList<>();

  @BeforeEach
  void seed() {
    Generator.current().manualSeed(2);
  }

  /** With a hook on each layer nothing runs together. */
  private Module apart(Module network) {
    network
        .namedModules()
        .values()
        .forEach(
            m ->
                m.registerForwardHook(
                    (module, input, output) -> {
                      seen.add(input);
                      return null;
                    }));
    return network;
  }

  private static Module convolutions() {
    Conv2dOptions same = Conv2dOptions.DEFAULT.withPadding(1);
    return new Sequential(
        new Conv2d(8, 16, 3, same), new ReLU(), new Conv2d(16, 8, 3, same), new ReLU());
  }

  private static List<String> graph(Tensor y) {
    List<String> names = new ArrayList<>();
    for (Node node = y.gradFn(); node != null; ) {
      names.add(node.name());
      var edges = node.nextFunctions();
      node = edges.isEmpty() || edges.get(0) == null ? null : edges.get(0).node();
    }
    return names;
  }

  @Test
  @DisplayName("a relu behind a convolution gives the same bits, gradients and graph as by itself")
  void convolutionAndRelu() {
    Module together = convolutions();
    Module apart = convolutions();
    apart.loadStateDict(together.stateDict(), true);
    apart(apart);
    Tensor y = together.call(x);
    Tensor expected = apart.call(x);
    assertArrayEquals(expected.toFloatArray(), y.toFloatArray());
    assertEquals(graph(expected), graph(y));
    y.square().sum().backward();
    expected.square().sum().backward();
    var gradients = together.namedParameters();
    apart
        .namedParameters()
        .forEach(
            (name, p) ->
                assertArrayEquals(
                    p.grad().toFloatArray(), gradients.get(name).grad().toFloatArray(), name));
  }

  @Test
  @DisplayName("in inference a residual block computes what it computes layer by layer")
  void residualBlock() {
    BasicBlock block = new BasicBlock(8, 16, 2, false);
    for (int i = 0; i < 3; i++) {
      block.call(x); // moves the running statistics
    }
    block.eval();
    Tensor recorded = block.call(x);
    try (var mode = GradMode.noGrad()) {
      assertArrayEquals(recorded.toFloatArray(), block.call(x).toFloatArray(), 1e-5f);
    }
  }

  @Test
  @DisplayName("a layer with a hook runs by itself, so that the hook sees what it always sees")
  void hooks() {
    Module network = convolutions();
    apart(network);
    network.call(x);
    assertEquals(5, seen.size());
    assertArrayEquals(new long[] {2, 16, 12, 12}, seen.get(1).shape().dims());
  }

  @Test
  @DisplayName("NaN goes through a relu that runs together with its convolution")
  void nan() {
    float[] values = x.toFloatArray();
    Arrays.fill(values, 0, values.length / 2, Float.NaN);
    Tensor bad = Tensor.of(values, x.shape().dims());
    try (var mode = GradMode.noGrad()) {
      float[] y = convolutions().call(bad).toFloatArray();
      for (int i = 0; i < y.length; i++) {
        assertEquals(i < y.length / 2, Float.isNaN(y[i]), "at " + i);
      }
    }
  }
}
