// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesResult;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class TanTest {

  @Test
  void valuesAndDerivatives() {
    // tan x, 1 + y²
    values(v(0, 1, -3).tan(), 0, 1.5574077246549023, 0.1425465430742778);
    values(
        gradient(x -> x.tan(), v(0, 1, -3).requiresGrad_(), 1, 1, 1),
        1,
        3.42551882081476,
        1.0203195169424268);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.tan(), random(1, shape).mul(0.5).detach().requiresGrad_());
  }

  @Test
  void saved() {
    savesResult(x -> x.tan());
    rejectsIntegers("tan", x -> x.tan());
  }
}
