// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InitTest {
  private final Generator generator = new Generator(1);

  private static void assertMoments(Tensor t, double std) {
    double[] values = t.toDoubleArray();
    double mean = Arrays.stream(values).average().getAsDouble();
    double square = Arrays.stream(values).map(v -> v * v).average().getAsDouble();
    assertEquals(0, mean, 0.03 * std);
    assertEquals(std, Math.sqrt(square), 0.03 * std);
  }

  @Test
  @DisplayName("INIT-1: fan_in and fan_out count the receptive field, also of empty tensors")
  void fans() {
    assertEquals(27, Init.fanIn(Shape.of(16, 3, 3, 3)));
    assertEquals(144, Init.fanOut(Shape.of(16, 3, 3, 3)));
    assertEquals(5, Init.fanIn(Shape.of(2, 5)));
    assertEquals(5, Init.fanIn(Shape.of(0, 5)));
    assertEquals(2, Init.fanOut(Shape.of(2, 0)));
    rejects(
        IllegalArgumentException.class,
        "init: fan in and fan out cannot be computed for a tensor with fewer than 2 dimensions, got [3]",
        () -> Init.fanIn(Shape.of(3)));
  }

  @Test
  @DisplayName("INIT-2, N01: gains")
  void gains() {
    assertEquals(1.4142135623730951, Init.leakyReluGain(0));
    assertEquals(1.4141428569978354, Init.leakyReluGain(0.01), 1e-15);
    assertEquals(0.14071950894605836, Init.leakyReluGain(10), 1e-15);
    for (String one : List.of("linear", "conv1d", "conv2d", "conv_transpose2d", "sigmoid")) {
      assertEquals(1, Init.calculateGain(one));
    }
    assertEquals(1.6666666666666667, Init.calculateGain("tanh"));
    assertEquals(1.4142135623730951, Init.calculateGain("relu", 10));
    assertEquals(0.75, Init.calculateGain("selu"));
    assertEquals(1.4141428569978354, Init.calculateGain("leaky_relu"), 1e-15);
    assertEquals(0.14071950894605836, Init.calculateGain("leaky_relu", 10), 1e-15);
    rejects(
        IllegalArgumentException.class,
        "init: expected a nonlinearity out of linear, conv1d, conv2d, conv_transpose1d, conv_transpose2d, sigmoid, tanh, relu, leaky_relu and selu, got 'ReLU'",
        () -> Init.calculateGain("ReLU"));
  }

  static Stream<UnaryOperator<Tensor>> byFan() {
    Generator g = new Generator(1);
    return Stream.of(
        t -> Init.kaimingUniform_(t, 0, g),
        t -> Init.kaimingNormal_(t, 0, g),
        t -> Init.xavierUniform_(t, g),
        t -> Init.xavierNormal_(t, g));
  }

  @ParameterizedTest
  @MethodSource("byFan")
  @DisplayName("INIT-1, N01: what depends on a fan refuses a vector")
  void vectors(UnaryOperator<Tensor> init) {
    rejects(
        IllegalArgumentException.class,
        "init: fan in and fan out cannot be computed for a tensor with fewer than 2 dimensions, got [3]",
        () -> init.apply(Tensor.zeros(3)));
  }

  @Test
  @DisplayName("INIT-3: distributions; a uniform one in ±b has the deviation b/√3")
  void distributions() {
    Tensor t = Tensor.zeros(100, 200);
    assertMoments(Init.kaimingUniform_(t, 0, generator), Math.sqrt(2.0 / 200));
    assertMoments(Init.kaimingUniform_(t, Math.sqrt(5), generator), Math.sqrt(1.0 / 600));
    assertMoments(Init.kaimingNormal_(t, 0, generator), Math.sqrt(2.0 / 200));
    assertMoments(Init.xavierUniform_(t, generator), Math.sqrt(2.0 / 300));
    assertMoments(
        Init.kaimingUniform_(t, 0, Init.FanMode.FAN_OUT, generator), Math.sqrt(2.0 / 100));
    assertMoments(Init.kaimingNormal_(t, 1, Init.FanMode.FAN_OUT, generator), Math.sqrt(1.0 / 100));
    assertMoments(Init.xavierNormal_(t, generator), Math.sqrt(2.0 / 300));
    assertMoments(Init.normal_(t, 0, 3, generator), 3);
    assertMoments(Init.uniform_(t, -1, 1, generator), 1 / Math.sqrt(3));
  }

  @Test
  @DisplayName("INIT-3: in place, under noGrad; INIT-5: nothing to fill is fine")
  void inPlace() {
    Parameter p = new Parameter(Tensor.zeros(2, 2));
    assertSame(p, Init.kaimingUniform_(p, 0, generator));
    assertEquals(1, p.version());
    assertTrue(p.requiresGrad());
    Linear none = new Linear(0, 2);
    values(none.bias(), 0, 0);
    assertEquals(0, new Linear(2, 0).weight().numel());
  }
}
