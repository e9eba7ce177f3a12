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

class LeakyReluTest {

  @Test
  @DisplayName("O13, RULE-7: the derivative at 0 is the slope")
  void valuesAndDerivatives() {
    // x or slope·x
    values(v(-1, 0, 2).leakyRelu(0.01), -0.01, 0, 2);
    values(gradient(x -> x.leakyRelu(0.01), v(-1, 0, 2).requiresGrad_(), 1, 1, 1), 0.01, 0.01, 1);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.leakyRelu(0.01), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.leakyRelu(0.01));
    rejectsIntegers("leaky_relu", x -> x.leakyRelu(0.01));
  }
}
