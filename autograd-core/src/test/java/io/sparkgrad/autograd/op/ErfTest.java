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
import org.junit.jupiter.api.Test;

class ErfTest {

  @Test
  void valuesAndDerivatives() {
    // erf x, 2/√π·e^(−x²)
    values(v(0, 0.5, -1, 3).erf(), 0, 0.5204998778130465, -0.8427007929497149, 0.9999779095030014);
    values(
        gradient(x -> x.erf(), v(0, 0.5, -1, 3).requiresGrad_(), 1, 1, 1, 1),
        1.1283791670955126,
        0.8787825789354448,
        0.4151074974205947,
        0.00013925305194674786);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.erf(), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.erf());
    rejectsIntegers("erf", x -> x.erf());
  }
}
