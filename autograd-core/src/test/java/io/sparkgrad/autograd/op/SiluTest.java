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

class SiluTest {

  @Test
  @DisplayName("O13: SiLU")
  void valuesAndDerivatives() {
    // x·σ(x), σ·(1 + x·(1 − σ))
    values(v(-1, 0, 2).silu(), -0.2689414213699951, 0, 1.7615941559557646);
    values(
        gradient(x -> x.silu(), v(-1, 0, 2).requiresGrad_(), 1, 1, 1),
        0.07232948812851325,
        0.5,
        1.0907842487848955);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.silu(), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.silu());
    rejectsIntegers("silu", x -> x.silu());
  }
}
