// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.models.MobileNetV4;
import io.sparkgrad.nn.models.SimpleCnn;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ModuleSummaryTest {
  @Test
  @DisplayName("PRN-7: SimpleCnn, 25,578 parameters of which 448 are frozen with conv1")
  void simpleCnn() {
    Module net = SimpleCnn.create(3, 8, 8, 10);
    net.freeze(List.of("conv1", "fc.bias"));
    assertEquals(
        """
        layer    kind     output         values  trainable
        -------  -------  -------------  ------  ---------
        conv1    Conv2d   [2, 16, 8, 8]     448  frozen
        relu1    ReLU     [2, 16, 8, 8]       0
        conv2    Conv2d   [2, 32, 8, 8]    4640  yes
        relu2    ReLU     [2, 32, 8, 8]       0
        flatten  Flatten  [2, 2048]           0
        fc       Linear   [2, 10]         20490  partly
        Output [2, 10]; 25578 parameters: 25120 trainable, 458 frozen.
        """,
        net.summary(2, 3, 8, 8));
  }

  @Test
  @DisplayName(
      "MobileNetV4: every layer has a shape, also in shortcuts; no line over 80 characters")
  void mobileNet() {
    Module net = MobileNetV4.convSmall050(10);
    String text = net.summary(1, 1, 64, 64);
    assertTrue(text.lines().allMatch(l -> l.length() <= 80), text);
    assertFalse(text.contains("?"), text);
    long numel = net.parameters().stream().mapToLong(Tensor::numel).sum();
    assertTrue(
        text.endsWith(
            "Output [1, 10]; %d parameters: %d trainable, 0 frozen.\n".formatted(numel, numel)),
        text);
    long layers =
        net.namedModules().values().stream().filter(m -> m.namedChildren().isEmpty()).count();
    assertEquals(layers + 3, text.lines().count());
  }

  @Test
  @DisplayName("leaves modes, gradients and the generator as they were")
  void leavesNoTrace() {
    Sequential net = new Sequential(new Linear(2, 2), new Dropout(0.5));
    net.namedChildren().get("0").eval();
    long state = Generator.current().state();
    net.summary(4, 2);
    assertTrue(net.isTraining());
    assertFalse(net.namedChildren().get("0").isTraining());
    assertTrue(net.namedChildren().get("1").isTraining());
    assertEquals(state, Generator.current().state());
    assertNull(net.parameters().get(0).grad());
  }

  /** Applies its layers in an order that nobody else can know. */
  private static final class Odd extends Sequential {
    Odd() {
      super(new Linear(2, 3));
    }

    @Override
    public Tensor forward(Tensor x) {
      return namedChildren().get("0").forward(x.mul(2)).sum(1);
    }

    @Override
    protected void describe(ObjectNode json) {}
  }

  @Test
  @DisplayName("the layers of a class that computes in its own way have an unknown shape")
  void ownForward() {
    String text = new Odd().summary(4, 2);
    assertTrue(text.contains("0      Linear  ?            9  yes"), text);
    assertTrue(text.contains("Output [4];"), text);
  }

  @Test
  @DisplayName("a network that begins with Embedding is given indices")
  void embedding() {
    String text = new Sequential(new Embedding(5, 3), new Linear(3, 2)).summary(4, 7);
    assertTrue(text.contains("Output [4, 7, 2];"), text);
  }

  @Test
  @DisplayName("a network of several inputs is shown by a batch of each: numbers and tokens")
  void severalInputs() {
    Module branches =
        new ConcatBranches(new Linear(4, 2), new Sequential(new Embedding(5, 3), new Flatten()));
    Module net = new Sequential(branches, new Linear(8, 1));
    assertEquals(
        """
        layer  kind       output     values  trainable
        -----  ---------  ---------  ------  ---------
        0.0    Linear     [6, 2]         10  yes
        0.1.0  Embedding  [6, 2, 3]      15  yes
        0.1.1  Flatten    [6, 6]          0
        1      Linear     [6, 1]          9  yes
        Output [6, 1]; 34 parameters: 34 trainable, 0 frozen.
        """,
        net.summary(List.of(Tensor.zeros(6, 4), Tensor.of(new long[12], 6, 2))));
    assertTrue(net.isTraining());
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> net.summary(List.of(Tensor.zeros(6, 4))));
    assertEquals(
        "ConcatBranches: expected an input for each of the 2 branches [0, 1], got 1",
        e.getMessage());
    assertTrue(net.isTraining());
  }

  @Test
  void aSingleLayer() {
    assertTrue(new Linear(2, 3).summary(1, 2).contains("(this)"));
  }
}
