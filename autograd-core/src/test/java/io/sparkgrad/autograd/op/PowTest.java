// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesInput;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.savesResult;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowTest {

  @Test
  void valuesAreRight() { // x³
    values(v(2, -1, 0).pow(3), 8, -1, 0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.pow(3), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.pow(3));
    rejectsIntegers("pow", x -> x.pow(3));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 2, 3, -1, 0.5, -2.5})
  void exponents(double c) {
    gradients(x -> x.pow(c), positive(2, Shape.of(2, 3)));
  }

  @Test
  @DisplayName("G06, RULE-8: the derivative of x⁰ is 0, also at 0, and saves nothing")
  void zeroExponent() {
    values(gradient(x -> x.pow(0), v(0, 3).requiresGrad_(), 1, 1), 0, 0);
    savesNothing(x -> x.pow(0));
  }

  @Test
  void square() {
    values(v(3, -2).square(), 9, 4);
  }

  @Test
  @DisplayName("G06, RULE-8: no NaN at a base or an exponent of 0")
  void tensorExponent() {
    Tensor x = v(2, 3).requiresGrad_();
    Tensor e = v(3, 0.5).requiresGrad_();
    x.pow(e).sum().backward();
    values(x.grad(), 12, 0.28867513459481287);
    values(e.grad(), 5.545177444479562, 1.902852301792692);
    Tensor zero = v(0, 2).requiresGrad_();
    Tensor exponent = v(2, 0).requiresGrad_();
    zero.pow(exponent).sum().backward();
    values(zero.grad(), 0, 0);
    values(exponent.grad(), 0, 0.6931471805599453);
  }

  @Test
  @DisplayName("RULE-8: 0⁰")
  void zeroToTheZero() {
    Tensor x = v(0).requiresGrad_();
    Tensor e = v(0).requiresGrad_();
    Tensor y = x.pow(e);
    values(y, 1);
    y.backward();
    values(x.grad(), 0);
    values(e.grad(), 0);
  }

  @Test
  @DisplayName("row 7, RULE-8: the derivative of x⁰ by x is 0 where x⁻¹ is not finite, or x NaN")
  void zeroExponentWithoutInverse() {
    Tensor e = v(0, 0, 0, 0, 1);
    Tensor x = v(1e-310, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NaN).requiresGrad_();
    values(gradient(b -> b.pow(e), x, 1, 1, 1, 1, 1), 0, 0, 0, 0, 1);
  }

  @Test
  @DisplayName("DBL-1: at an exponent of 0 the derivative by x has a derivative by e: 1/x")
  void secondDerivativeAtZero() {
    allGradients(
        in -> in.get(0).pow(in.get(1)), positive(1, Shape.of(3)), v(0, 0, 0).requiresGrad_());
  }

  @Test
  @DisplayName("G06: cᵉ")
  void constantBase() {
    values(
        gradient(e -> Tensor.pow(2, e), v(1, 2).requiresGrad_(), 1, 1),
        1.3862943611198906,
        2.772588722239781);
    values(gradient(e -> Tensor.pow(0, e), v(0, 2).requiresGrad_(), 1, 1), 0, 0);
    gradients(e -> Tensor.pow(2.5, e), random(1, 2, 3));
    savesResult(e -> Tensor.pow(2, e));
  }

  @EachPair
  void tensorGradients(Shape a, Shape b) {
    allGradients(in -> in.get(0).pow(in.get(1)), positive(1, a), random(2, b));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "pow: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).pow(v(1, 2, 3)));
  }

  @Test
  @DisplayName("1 to any power is 1, and -1 to an infinite one")
  void powersOfOne() {
    double inf = Double.POSITIVE_INFINITY;
    values(v(1, -1, 1).pow(v(inf, inf, Double.NaN)), 1, 1, 1);
    values(v(1, -1, 0.5).pow(-inf), 1, 1, inf);
  }
}
