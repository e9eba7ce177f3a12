// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesInput;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
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
}
