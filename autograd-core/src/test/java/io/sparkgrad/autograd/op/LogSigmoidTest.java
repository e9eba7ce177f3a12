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

class LogSigmoidTest {

  @Test
  void valuesAndDerivatives() {
    // ln σ(x), σ(−x)
    values(
        v(0, 2, -3, 800, -800).logSigmoid(),
        -0.6931471805599453,
        -0.1269280110429725,
        -3.048587351573742,
        0,
        -800);
    values(
        gradient(x -> x.logSigmoid(), v(0, 2, -3, 800, -800).requiresGrad_(), 1, 1, 1, 1, 1),
        0.5,
        0.11920292202211755,
        0.9525741268224333,
        0,
        1);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.logSigmoid(), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.logSigmoid());
    rejectsIntegers("logsigmoid", x -> x.logSigmoid());
  }
}
