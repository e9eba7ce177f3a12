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

class CosTest {

  @Test
  void valuesAndDerivatives() {
    // cos x, −sin x
    values(v(0, 1, -3).cos(), 1, 0.5403023058681398, -0.9899924966004454);
    values(
        gradient(x -> x.cos(), v(0, 1, -3).requiresGrad_(), 1, 1, 1),
        0,
        -0.8414709848078965,
        0.1411200080598672);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.cos(), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.cos());
    rejectsIntegers("cos", x -> x.cos());
  }
}
