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

class Expm1Test {

  @Test
  void valuesAndDerivatives() {
    // eˣ − 1, eˣ
    values(v(0, 1e-12, 1, -40).expm1(), 0, 1.0000000000005e-12, 1.7182818284590453, -1);
    values(
        gradient(x -> x.expm1(), v(0, 1e-12, 1, -40).requiresGrad_(), 1, 1, 1, 1),
        1,
        1.000000000001,
        2.7182818284590455,
        0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.expm1(), random(1, shape));
  }

  @Test
  void saved() {
    savesResult(x -> x.expm1());
    rejectsIntegers("expm1", x -> x.expm1());
  }
}
