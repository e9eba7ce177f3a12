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

class ReciprocalTest {

  @Test
  void valuesAndDerivatives() {
    // 1/x, −y²
    values(v(2, -4, 0.5).reciprocal(), 0.5, -0.25, 2);
    values(
        gradient(x -> x.reciprocal(), v(2, -4, 0.5).requiresGrad_(), 1, 1, 1), -0.25, -0.0625, -4);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.reciprocal(), random(1, shape));
  }

  @Test
  void saved() {
    savesResult(x -> x.reciprocal());
    rejectsIntegers("reciprocal", x -> x.reciprocal());
  }
}
