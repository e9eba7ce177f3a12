// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Hard sigmoid r = relu6(x + 3)/6 and hard swish x·r; compositions without a formula. */
class HardswishTest {
  private static Tensor x() {
    return v(-4, -3, -1, 0, 2, 3, 4).requiresGrad_();
  }

  @Test
  @DisplayName("RULE-7: hard sigmoid, g/6 inside the open interval (−3, 3)")
  void hardsigmoid() {
    values(x().hardsigmoid(), 0, 0, 1 / 3.0, .5, 5 / 6.0, 1, 1);
    double sixth = 1 / 6.0;
    values(
        gradient(Tensor::hardsigmoid, x(), 1, 1, 1, 1, 1, 1, 1), 0, 0, sixth, sixth, sixth, 0, 0);
  }

  @Test
  @DisplayName("RULE-7: hard swish, (2x + 3)/6 inside and 1 from 3 on")
  void hardswish() {
    values(x().hardswish(), 0, 0, -1 / 3.0, 0, 5 / 3.0, 3, 4);
    values(gradient(Tensor::hardswish, x(), 1, 1, 1, 1, 1, 1, 1), 0, 0, 1 / 6.0, .5, 7 / 6.0, 1, 1);
  }

  @EachShape
  void derivatives(Shape shape) {
    gradients(Tensor::hardsigmoid, random(1, shape));
    gradients(Tensor::hardswish, random(2, shape));
  }
}
