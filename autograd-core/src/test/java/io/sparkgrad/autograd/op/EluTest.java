// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesInput;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EluTest {

  @Test
  @DisplayName("O13, RULE-7: the derivative at 0 is 1")
  void valuesAndDerivatives() {
    // x or eˣ − 1, 1 or eˣ
    values(v(-1, 0, 2, 800, -800).elu(1), -0.6321205588285577, 0, 2, 800, -1);
    values(
        gradient(x -> x.elu(1), v(-1, 0, 2, 800, -800).requiresGrad_(), 1, 1, 1, 1, 1),
        0.36787944117144233,
        1,
        1,
        1,
        0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.elu(1), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.elu(1));
    rejectsIntegers("elu", x -> x.elu(1));
  }

  @Test
  void alpha() {
    gradients(x -> x.elu(2.5), random(1, 5));
    values(gradient(x -> x.elu(2), v(0, 1).requiresGrad_(), 1, 1), 2, 1);
  }
}
