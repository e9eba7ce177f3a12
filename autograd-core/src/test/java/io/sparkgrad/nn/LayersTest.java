// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayersTest {
  private static Tensor floats(double... values) {
    return v(values).to(DType.FLOAT32);
  }

  private static void near(Tensor actual, double... expected) {
    double[] got = actual.toDoubleArray();
    assertEquals(expected.length, got.length);
    for (int i = 0; i < got.length; i++) {
      assertEquals(expected[i], got[i], 1e-6, actual.toString());
    }
  }

  static Stream<Arguments> shapes() {
    return Stream.of(
        Arguments.of(new Linear(3, 2), Shape.of(5, 3), Shape.of(5, 2)),
        Arguments.of(new Linear(3, 2, false), Shape.of(2, 5, 3), Shape.of(2, 5, 2)),
        Arguments.of(new Conv2d(2, 4, 3), Shape.of(1, 2, 6, 5), Shape.of(1, 4, 4, 3)),
        Arguments.of(
            new Conv2d(2, 4, 3, Conv2dOptions.DEFAULT.withStride(2).withPadding(1)),
            Shape.of(1, 2, 6, 5),
            Shape.of(1, 4, 3, 3)),
        Arguments.of(new MaxPool2d(2), Shape.of(1, 2, 6, 5), Shape.of(1, 2, 3, 2)),
        Arguments.of(new MaxPool2d(3, 2, 1), Shape.of(1, 2, 6, 5), Shape.of(1, 2, 3, 3)),
        Arguments.of(new AdaptiveAvgPool2d(1), Shape.of(2, 3, 4, 5), Shape.of(2, 3, 1, 1)),
        Arguments.of(new BlurPool2d(2, 2), Shape.of(1, 2, 7, 6), Shape.of(1, 2, 4, 3)),
        Arguments.of(new Flatten(), Shape.of(2, 3, 4, 5), Shape.of(2, 60)),
        Arguments.of(new Flatten(2), Shape.of(2, 3, 4, 5), Shape.of(2, 3, 20)),
        Arguments.of(new Dropout(0.5), Shape.of(2, 3), Shape.of(2, 3)),
        Arguments.of(new ReLU(), Shape.of(2, 3), Shape.of(2, 3)),
        Arguments.of(new Residual(new Linear(3, 3)), Shape.of(2, 3), Shape.of(2, 3)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void puts(Module layer, Shape in, Shape out) {
    assertEquals(out, layer.forward(Tensor.ones(in.dims())).shape());
  }

  @Test
  @DisplayName("MOD-12: described as PyTorch describes them")
  void text() {
    assertEquals("Linear(in_features=1, out_features=2, bias=True)", new Linear(1, 2).toString());
    assertEquals("Conv2d(1, 1, kernel_size=(1, 1), stride=(1, 1))", new Conv2d(1, 1, 1).toString());
    Conv2dOptions o = Conv2dOptions.DEFAULT.withPadding(1).withDilation(2).withGroups(2);
    assertEquals(
        "Conv2d(2, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), dilation=(2, 2), groups=2, bias=False)",
        new Conv2d(2, 4, 3, o, false).toString());
    assertEquals(
        """
        Sequential(
          (0): ReLU()
          (1): Residual(
            (fc): Linear(in_features=2, out_features=2, bias=False)
          )
        )""",
        new Sequential(
                new ReLU(), Sequential.builder().add("fc", new Linear(2, 2, false)).buildResidual())
            .toString());
  }

  @Test
  @DisplayName("INIT-4: weights and biases start within ±1/√fan_in and use the whole range")
  void init() {
    assertRange(1 / Math.sqrt(10), new Linear(10, 400));
    assertRange(1 / Math.sqrt(27), new Conv2d(3, 200, 3));
    assertRange(1 / Math.sqrt(9), new Conv2d(200, 200, 3, Conv2dOptions.DEFAULT.withGroups(200)));
  }

  private static void assertRange(double bound, Module layer) {
    layer
        .namedParameters()
        .forEach(
            (name, p) -> {
              double[] values = p.toDoubleArray();
              double max = Arrays.stream(values).map(Math::abs).max().getAsDouble();
              assertTrue(max <= bound * (1 + 1e-6) && max > 0.95 * bound, name + " " + max);
              assertEquals(0, Arrays.stream(values).average().getAsDouble(), 0.15 * bound, name);
            });
  }

  @Test
  @DisplayName("the same seed gives the same parameters")
  void seed() {
    Generator.current().manualSeed(5);
    Tensor first = new Linear(3, 3).weight();
    Tensor second = new Linear(3, 3).weight();
    Generator.current().manualSeed(5);
    assertArrayEquals(first.toFloatArray(), new Linear(3, 3).weight().toFloatArray());
    assertFalse(Arrays.equals(first.toFloatArray(), second.toFloatArray()));
  }

  @Test
  @DisplayName("M09: one Linear used twice: one parameter, two names, gradients of both uses")
  void tied() {
    Linear shared = new Linear(2, 2, false);
    try (var mode = GradMode.noGrad()) {
      shared.weight().copy_(t(new double[] {1, 2, 3, 4}, 2, 2));
    }
    Sequential net = new Sequential(shared, shared);
    Tensor y = net.forward(floats(1, 1));
    near(y, 17, 37);
    y.sum().backward();
    near(shared.weight().grad(), 7, 11, 9, 13);
    assertEquals(1, net.parameters().size());
    assertEquals(List.of("0.weight", "1.weight"), List.copyOf(net.stateDict().keySet()));
  }

  @Test
  @DisplayName(
      "DROP-1, O14: kept values are scaled by 1/(1 − p), and the gradient has the same mask")
  void dropout() {
    Dropout layer = new Dropout(0.75);
    Tensor x = Tensor.ones(1000).requiresGrad_();
    Tensor y = layer.forward(x);
    y.sum().backward();
    assertArrayEquals(y.toFloatArray(), x.grad().toFloatArray());
    Map<Float, Integer> counts = new LinkedHashMap<>();
    for (float f : y.toFloatArray()) {
      counts.merge(f, 1, Integer::sum);
    }
    assertEquals(Set.of(0f, 4f), counts.keySet());
    assertEquals(250, counts.get(4f), 60);
    near(new Dropout(1).forward(floats(1, 2)), 0, 0);
    near(new Dropout(0).forward(floats(1, 2)), 1, 2);
    Tensor tenth = new Dropout(0.1).forward(v(new double[50]).add(1));
    assertEquals(DType.FLOAT64, tenth.dtype());
    assertEquals(1 / 0.9, Arrays.stream(tenth.toDoubleArray()).max().getAsDouble(), 1e-15);
    layer.eval();
    assertSame(x, layer.forward(x));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.5, Double.NaN})
  @DisplayName("DROP-1: p outside [0, 1]")
  void dropoutProbability(double p) {
    rejects(
        IllegalArgumentException.class,
        "Dropout: p has to be between 0 and 1, got " + p,
        () -> new Dropout(p));
  }

  @Test
  void dropoutStaysOnTheInputsDevice() {
    Backend other = new CountingBackend(Backends.byName("java")).backend();
    Tensor x = Tensor.zeros(Shape.of(3), DType.FLOAT32, other);
    assertSame(other, new Dropout(0.5).forward(x).backend());
  }

  @Test
  void blurPool() { // [1 2 1]ᵀ[1 2 1]/16 around each second pixel
    Tensor x = Tensor.zeros(1, 1, 4, 4);
    x.backend().upload(new float[] {16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0}, x.buffer());
    BlurPool2d blur = new BlurPool2d(1, 2);
    near(blur.forward(x), 4, 0, 0, 4);
    assertEquals(List.of("filt"), List.copyOf(blur.stateDict().keySet()));
    assertTrue(blur.parameters().isEmpty());
  }

  @Test
  void averageResidualAndActivations() {
    near(new AdaptiveAvgPool2d(1).forward(floats(1, 2, 3, 6).reshape(1, 2, 1, 2)), 1.5, 4.5);
    near(new Residual(new ReLU()).forward(floats(-1, 2)), -1, 4);
    near(new Sigmoid().forward(floats(0)), 0.5);
    near(new Tanh().forward(floats(0, 1)), 0, 0.7615941559557649);
    near(new Sequential().forward(floats(3)), 3);
  }

  @Test
  void badArguments() {
    rejects(
        IllegalArgumentException.class,
        "Conv2d: expected channels that are divisible by groups, got 3 and 4 for groups 2",
        () -> new Conv2d(3, 4, 1, Conv2dOptions.DEFAULT.withGroups(2)));
    rejects(
        IllegalArgumentException.class,
        "AdaptiveAvgPool2d: expected an output_size of 1 or more, got 0×1",
        () -> new AdaptiveAvgPool2d(0, 1));
    rejects(
        IllegalArgumentException.class,
        "Sequential: the name 'a' is taken already",
        () -> Sequential.builder().add("a", new ReLU()).add("a", new ReLU()));
  }
}
