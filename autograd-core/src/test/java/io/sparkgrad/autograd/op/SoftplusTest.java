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

class SoftplusTest {

  @Test
  @DisplayName("O13: softplus; x itself above the threshold")
  void valuesAndDerivatives() {
    // ln(1 + eˣ), σ(x)
    values(
        v(-1, 0, 2, 20.5, -800).softplus(),
        0.31326168751822286,
        0.6931471805599453,
        2.1269280110429727,
        20.5,
        0);
    values(
        gradient(x -> x.softplus(), v(-1, 0, 2, 20.5, -800).requiresGrad_(), 1, 1, 1, 1, 1),
        0.2689414213699951,
        0.5,
        0.8807970779778824,
        1,
        0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.softplus(), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.softplus());
    rejectsIntegers("softplus", x -> x.softplus());
  }

  @Test
  void betaAndThreshold() {
    // β = 2: ln(1 + e²ˣ)/2 up to 2x = 3
    values(v(1, 1.6).softplus(2, 3), 1.0634640055214863, 1.6);
    gradients(x -> x.softplus(2, 3), v(-1, 0.5, 1, 2).requiresGrad_());
  }
}
