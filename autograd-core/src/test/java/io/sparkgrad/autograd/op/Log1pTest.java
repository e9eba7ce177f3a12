// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesInput;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class Log1pTest {

  @Test
  void valuesAndDerivatives() {
    // ln(1 + x), 1/(1 + x)
    values(v(0, 1e-12, 1).log1p(), 0, 9.999999999995e-13, 0.6931471805599453);
    values(
        gradient(x -> x.log1p(), v(0, 1e-12, 1).requiresGrad_(), 1, 1, 1),
        1,
        0.9999999999989999,
        0.5);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.log1p(), positive(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.log1p());
    rejectsIntegers("log1p", x -> x.log1p());
  }
}
