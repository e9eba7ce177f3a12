// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static io.sparkgrad.optim.GradientClipping.clipGradNorm;
import static io.sparkgrad.optim.GradientClipping.clipGradValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradientClippingTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  private static Tensor withGrad(Tensor grad) {
    Tensor x = Tensor.zerosLike(grad).requiresGrad_();
    x.setGrad(grad);
    return x;
  }

  @Test
  @DisplayName("CLIP-1, R01: one factor for all gradients, in place; the norm before comes back")
  void norm() {
    Tensor a = withGrad(v(3, 4));
    Tensor b = withGrad(t(new double[] {12}, 1, 1));
    Tensor without = v(1).requiresGrad_();
    List<Tensor> all = List.of(a, b, without);
    Tensor grad = a.grad();
    assertEquals(13, clipGradNorm(all, 20).item());
    assertArrayEquals(new double[] {3, 4}, grad.toDoubleArray()); // exactly
    assertEquals(13, clipGradNorm(all, 6.5).item());
    assertSame(grad, a.grad());
    values(a.grad(), 1.4999998846153937, 1.9999998461538582);
    values(b.grad(), 5.999999538461575);
  }

  @ParameterizedTest
  @ValueSource(doubles = {2, INF})
  @DisplayName("a GPU is not waited for, but once where a norm that is not finite is an error")
  void waits(double p) {
    CountingBackend gpu = CountingBackend.ofGpu();
    List<Tensor> all =
        Stream.of(v(3, 4), v(12), v(84))
            .map(g -> withGrad(g.to(DType.FLOAT32).to(gpu.backend())))
            .toList();
    gpu.reset();
    Tensor total = clipGradNorm(all, 21, p, false);
    assertEquals(0, gpu.calls("download"));
    double norm = p == 2 ? 85 : 84;
    values(total, Shape.scalar(), norm);
    assertSame(gpu.backend(), total.backend());
    float[] grad = all.get(0).grad().toFloatArray();
    assertArrayEquals(new float[] {(float) (63 / norm), (float) (84 / norm)}, grad, 1e-7f);
    gpu.reset();
    clipGradNorm(all, 20, p, true);
    assertEquals(1, gpu.calls("download"));
  }

  @Test
  @DisplayName("gradients of several types, on several devices")
  void mixed() {
    Tensor a = withGrad(Tensor.of(new float[] {3, 4}).to(CountingBackend.ofGpu().backend()));
    Tensor b = withGrad(v(12));
    Tensor total = clipGradNorm(List.of(a, b), 6.5);
    values(total, Shape.scalar(), 13);
    assertEquals(DType.FLOAT64, total.dtype());
    values(b.grad(), 5.999999538461575);
    assertArrayEquals(new float[] {1.5f, 2}, a.grad().toFloatArray(), 2e-7f);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 19, 0.31578945706371275, -0.4210526094182837, 1.263157828254851",
    "3, 12.207054953820636, 0.4915190052948094, -0.6553586737264125, 1.9660760211792376",
    "Infinity, 12, 0.4999999583333369, -0.6666666111111158, 1.9999998333333475"
  })
  @DisplayName("CLIP-1: norms of other orders")
  void orders(double p, double total, double first, double second, double third) {
    Tensor a = withGrad(v(3, -4));
    Tensor b = withGrad(t(new double[] {12}, 1, 1));
    assertEquals(total, clipGradNorm(List.of(a, b), 2, p, true).item(), 1e-12);
    values(a.grad(), first, second);
    values(b.grad(), third);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 2, Double.POSITIVE_INFINITY})
  @DisplayName("CLIP-1: without gradients, or with empty ones, the norm is 0")
  void nothing(double p) {
    assertEquals(0, clipGradNorm(List.of(v(1).requiresGrad_()), 1, p, true).item());
    assertEquals(0, clipGradNorm(List.of(withGrad(v())), 1, p, true).item());
  }

  @ParameterizedTest
  @ValueSource(doubles = {2, Double.POSITIVE_INFINITY})
  @DisplayName("CLIP-2, R03: a norm that is not finite")
  void nonFinite(double p) {
    Tensor x = withGrad(v(3, INF));
    rejects(
        IllegalArgumentException.class,
        "clipGradNorm: the total norm of order "
            + p
            + " of the gradients is non-finite (Infinity), so they cannot be clipped; look for extreme inputs, or pass errorIfNonfinite=false",
        () -> clipGradNorm(List.of(x), 2, p, true));
    values(x.grad(), 3, INF);
    assertEquals(INF, clipGradNorm(List.of(x), 2, p, false).item());
    values(x.grad(), 0, Double.NaN);
    Tensor nan = withGrad(v(3, Double.NaN));
    assertEquals(Double.NaN, clipGradNorm(List.of(nan), 2, p, false).item());
    values(nan.grad(), Double.NaN, Double.NaN);
  }

  @Test
  @DisplayName("CLIP-3, R03: values are clamped in place; NaN stays")
  void value() {
    Tensor x = withGrad(v(3, -4, 1, Double.NaN));
    Tensor grad = x.grad();
    clipGradValue(List.of(x, v(1).requiresGrad_()), 2.5);
    assertSame(grad, x.grad());
    values(grad, 2.5, -2.5, 1, Double.NaN);
    assertEquals(1, grad.version());
  }

  @Test
  void badBounds() {
    rejects(
        IllegalArgumentException.class,
        "clipGradNorm: maxNorm: expected a number of 0 or more, got NaN",
        () -> clipGradNorm(List.of(), Double.NaN));
    rejects(
        IllegalArgumentException.class,
        "clipGradNorm: p: expected a number above 0 or infinity, got 0.0",
        () -> clipGradNorm(List.of(), 1, 0, false));
    rejects(
        IllegalArgumentException.class,
        "clipGradValue: clipValue: expected a number of 0 or more, got -1.0",
        () -> clipGradValue(List.of(), -1));
  }
}
