// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** An image of 1 × 2 × 2 and two tokens: 4 + 2 · 3 numbers, of which a head makes 2. */
class ConcatBranchesTest {
  private final Embedding embedding = new Embedding(5, 3);
  private final Linear head = new Linear(10, 2);
  private final ConcatBranches branches =
      Sequential.builder().add("image", new Flatten()).add("text", embedding).buildConcatBranches();
  private final Module network =
      Sequential.builder()
          .add("inputs", branches)
          .add("relu", new ReLU())
          .add("head", head)
          .build();
  private final Tensor image = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 1, 2, 2);
  private final Tensor text = Tensor.of(new long[] {0, 4, 2, 2}, 2, 2);

  @Test
  @DisplayName("each input goes through its branch; the outputs are flattened and put side by side")
  void values() {
    try (var mode = GradMode.noGrad()) {
      Tensor out = branches.call(List.of(image, text));
      assertArrayEquals(new long[] {2, 10}, out.shape().dims());
      float[] table = embedding.weight().toFloatArray();
      float[] expected = {
        1, 2, 3, 4, table[0], table[1], table[2], table[12], table[13], table[14],
        5, 6, 7, 8, table[6], table[7], table[8], table[6], table[7], table[8]
      };
      assertArrayEquals(expected, out.toFloatArray());
      assertArrayEquals(
          head.call(out.relu()).toFloatArray(), network.call(List.of(image, text)).toFloatArray());
    }
  }

  @Test
  void gradientsReachEveryBranch() {
    network.call(List.of(image, text)).sum().backward();
    network.namedParameters().forEach((name, p) -> assertTrue(p.grad() != null, name));
  }

  @Test
  @DisplayName("the architecture comes back from JSON under the same names")
  void json() {
    assertEquals(
        Set.of("inputs.text.weight", "head.weight", "head.bias"), network.stateDict().keySet());
    Module again = Architecture.fromJson(Architecture.toJson(network));
    assertEquals(network.toString(), again.toString());
    again.loadStateDict(network.stateDict(), true);
    assertArrayEquals(
        network.call(List.of(image, text)).toFloatArray(),
        again.call(List.of(image, text)).toFloatArray());
  }

  @Test
  @DisplayName("a module of one input takes a list of one, and says so if it gets more")
  void numbersOfInputs() {
    Linear linear = new Linear(2, 2);
    Tensor x = Tensor.of(new float[] {1, 2}, 1, 2);
    for (Module m :
        List.of(linear, new Sequential(linear), new Residual(linear), new ConcatBranches(linear))) {
      assertArrayEquals(
          m.forward(x).toFloatArray(), m.call(List.of(x)).toFloatArray(), m.toString());
    }
    for (Module m :
        List.of(linear, new Sequential(linear), new Residual(linear), new Sequential())) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> m.call(List.of(x, x))).getMessage();
      assertTrue(
          message.endsWith(": expected 1 input, got 2; ConcatBranches takes several"), message);
    }
    assertEquals(
        "ConcatBranches: expected an input for each of the 2 branches [image, text], got 1",
        assertThrows(IllegalArgumentException.class, () -> network.call(image)).getMessage());
  }

  @Test
  @DisplayName("hooks before forward and full backward hooks run for each input, others once")
  void hooks() {
    Tensor left = Tensor.of(new float[] {1, 2}, 1, 2).requiresGrad_();
    Tensor right = Tensor.of(new float[] {3}, 1, 1).requiresGrad_();
    ConcatBranches both = new ConcatBranches(new Identity(), new Identity());
    List<String> calls = new ArrayList<>();
    both.registerForwardPreHook(
        (m, in) -> {
          calls.add("pre " + in.shape());
          return in.mul(2);
        });
    both.registerForwardHook(
        (m, in, out) -> {
          calls.add("post " + in.shape());
          return null;
        });
    both.registerFullBackwardHook(
        (m, in, out) -> {
          calls.add("backward " + (in == null ? "" : in.shape()) + " " + out.shape());
          return null;
        });
    Tensor y = both.call(List.of(left, right));
    assertArrayEquals(new float[] {2, 4, 6}, y.toFloatArray());
    y.sum().backward();
    assertArrayEquals(new float[] {2, 2}, grad(left));
    assertArrayEquals(new float[] {2}, grad(right));
    assertEquals(List.of("pre [1, 2]", "pre [1, 1]", "post [1, 2]"), calls.subList(0, 3));
    assertEquals(
        Set.of("backward [1, 2] [1, 3]", "backward [1, 1] [1, 3]"),
        Set.copyOf(calls.subList(3, calls.size())));
    assertEquals(5, calls.size());
  }

  private static float[] grad(Tensor t) {
    Tensor grad = t.grad();
    return grad == null ? new float[0] : grad.toFloatArray();
  }
}
