// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesResult;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class RsqrtTest {

  @Test
  void valuesAndDerivatives() {
    // 1/√x, −½·y³
    values(v(4, 0.25).rsqrt(), 0.5, 2);
    values(gradient(x -> x.rsqrt(), v(4, 0.25).requiresGrad_(), 1, 1), -0.0625, -4);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.rsqrt(), positive(1, shape));
  }

  @Test
  void saved() {
    savesResult(x -> x.rsqrt());
    rejectsIntegers("rsqrt", x -> x.rsqrt());
  }
}
