// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesInput;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HardtanhTest {

  @Test
  @DisplayName("O13, RULE-7: the derivative on the bounds is 0")
  void valuesAndDerivatives() {
    // x cut to [−1, 1]
    values(v(-2, -1, 0, 1, 2).hardtanh(-1, 1), -1, -1, 0, 1, 1);
    values(
        gradient(x -> x.hardtanh(-1, 1), v(-2, -1, 0, 1, 2).requiresGrad_(), 1, 1, 1, 1, 1),
        0,
        0,
        1,
        0,
        0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.hardtanh(-1, 1), random(1, shape).mul(0.9).detach().requiresGrad_());
  }

  @Test
  void saved() {
    savesInput(x -> x.hardtanh(-1, 1));
    rejectsIntegers("hardtanh", x -> x.hardtanh(-1, 1));
  }

  @Test
  void relu6() {
    values(v(-1, 0, 2, 6, 7).relu6(), 0, 0, 2, 6, 6);
    values(
        gradient(Tensor::relu6, v(-1, 0, 2, 6, 7).requiresGrad_(), 1, 1, 1, 1, 1), 0, 0, 1, 0, 0);
  }

  @Test
  @DisplayName("RULE-7: NaN is inside the interval")
  void nan() {
    values(gradient(x -> x.hardtanh(-1, 1), v(Double.NaN).requiresGrad_(), 3), 3);
    values(gradient(Tensor::relu6, v(Double.NaN).requiresGrad_(), 3), 3);
  }

  @Test
  void badBounds() {
    rejects(
        IllegalArgumentException.class,
        "hardtanh: expected min_val <= max_val, got 2.0 and 1.0",
        () -> v(1).hardtanh(2, 1));
  }
}
