// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.InplaceModificationException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BatchNormTest {
  private static final double EPS = 1e-5;

  private static BatchNorm.Running running() {
    return new BatchNorm.Running(v(0.5, 0.5), v(2, 3));
  }

  @Test
  @DisplayName("BN-1: (x − μ)/√(σ² + ε)·γ + β with the biased variance, per channel")
  void valuesAreRight() { // channel 0: 1, 3 (mean 2, variance 1); channel 1: 2, 6 (4, 4); ε = 0.5
    Tensor x = t(new double[] {1, 2, 3, 6}, 2, 2);
    double a = 1 / Math.sqrt(1.5);
    double b = 2 / Math.sqrt(4.5);
    values(BatchNorm.of(x, null, null, 0.5, null, 0), Shape.of(2, 2), -a, -b, a, b);
    values(
        BatchNorm.of(x, v(2, 3), v(1, -1), 0.5, null, 0),
        1 - 2 * a,
        -1 - 3 * b,
        1 + 2 * a,
        -1 + 3 * b);
  }

  @Test
  @DisplayName("BN-2: r ← (1 − m)·r + m·batch, unbiased, also without gradients")
  void runningStatistics() {
    BatchNorm.Running running = running();
    try (var mode = GradMode.noGrad()) {
      BatchNorm.of(t(new double[] {1, 2, 3, 6}, 2, 2), null, null, EPS, running, 0.25);
    }
    values(running.mean(), 0.75 * 0.5 + 0.25 * 2, 0.75 * 0.5 + 0.25 * 4);
    values(running.variance(), 0.75 * 2 + 0.25 * 2, 0.75 * 3 + 0.25 * 8);
  }

  @Test
  @DisplayName("BN-4: eval takes the running statistics; dx = g·γ/√(rv + ε)")
  void inference() {
    Tensor x = t(new double[] {1, 2, 3, 6}, 2, 2).requiresGrad_();
    Tensor y = BatchNorm.inference(x, v(2, 3), v(1, -1), 1, running());
    double a = 2 / Math.sqrt(3);
    double b = 3 / 2.0;
    values(y, 1 + 0.5 * a, -1 + 1.5 * b, 1 + 2.5 * a, -1 + 5.5 * b);
    y.sum().backward();
    values(x.grad(), a, b, a, b);
    values(
        BatchNorm.inference(x, null, v(1, -1), 1, running()),
        1 + 0.25 * a,
        -0.25,
        1 + 1.25 * a,
        1.75);
  }

  static Stream<Shape> shapes() {
    return Stream.of(
        Shape.of(2, 1),
        Shape.of(3, 2),
        Shape.of(1, 2, 3),
        Shape.of(2, 2, 1, 3),
        Shape.of(2, 3, 2, 1));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  @DisplayName("BN-5: gradients in training and in eval")
  void gradientsAreRight(Shape shape) {
    Tensor w = random(2, shape.size(1));
    Tensor b = random(3, shape.size(1));
    allGradients(
        in -> BatchNorm.of(in.get(0), in.get(1), in.get(2), EPS, null, 0), random(1, shape), w, b);
    gradients(x -> BatchNorm.of(x, null, null, EPS, null, 0), random(1, shape));
    var fixed =
        new BatchNorm.Running(
            random(4, shape.size(1)).detach(), positive(5, Shape.of(shape.size(1))).detach());
    allGradients(
        in -> BatchNorm.inference(in.get(0), in.get(1), in.get(2), EPS, fixed),
        random(1, shape),
        w,
        b);
  }

  @Test
  @DisplayName("BN-5: summing the result gives dx = 0, dγ = Σ x̂ = 0 and dβ = n")
  void ofASum() {
    Tensor x = random(1, 3, 2, 2);
    Tensor w = random(2, 2);
    Tensor b = random(3, 2);
    BatchNorm.of(x, w, b, EPS, null, 0).sum().backward();
    values(x.grad(), new double[12]);
    values(w.grad(), 0, 0);
    values(b.grad(), 6, 6);
  }

  @Test
  @DisplayName("PRN-3: the input is saved for its own or the weight's gradient, not for the bias's")
  void saves() {
    Tensor plain = random(1, 3, 2).detach();
    Tensor b = random(3, 2);
    Tensor onlyBias = BatchNorm.of(plain, v(1, 2), b, EPS, null, 0);
    Tensor weighted = BatchNorm.of(plain, random(2, 2), b, EPS, null, 0);
    plain.fill_(0);
    onlyBias.sum().backward();
    values(b.grad(), 3, 3);
    assertNull(plain.grad());
    assertThrows(InplaceModificationException.class, () -> weighted.sum().backward());
  }

  @Test
  @DisplayName("BN-3: one value per channel, and other input that makes no sense")
  void badInput() {
    rejects(
        ShapeMismatchException.class,
        "batch_norm: expected more than 1 value per channel in training, got shape [1, 2]; use a larger batch or eval()",
        () -> BatchNorm.of(random(1, 1, 2), null, null, EPS, null, 0));
    rejects(
        ShapeMismatchException.class,
        "batch_norm: expected [2] channels on axis 1, got shape [4, 3]",
        () -> BatchNorm.of(random(1, 4, 3), v(1, 2), null, EPS, null, 0));
    rejects(
        ShapeMismatchException.class,
        "batch_norm: expected [n, channels, ...], got shape [4]",
        () -> BatchNorm.of(random(1, 4), null, null, EPS, null, 0));
    rejects(
        IllegalArgumentException.class,
        "batch_norm: expected an eps above 0, got 0.0",
        () -> BatchNorm.of(random(1, 4, 3), null, null, 0, null, 0));
    rejects(
        AutogradException.class,
        "batch_norm: expected tensors of one dtype, got FLOAT64 and FLOAT32",
        () -> BatchNorm.inference(random(1, 4, 2), Tensor.ones(2), null, EPS, running()));
    rejectsIntegers("batch_norm", x -> BatchNorm.of(x, null, null, EPS, null, 0));
  }
}
