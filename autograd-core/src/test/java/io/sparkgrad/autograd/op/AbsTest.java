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

class AbsTest {

  @Test
  @DisplayName("G05, RULE-7: the derivative at 0 is 0, and at NaN")
  void valuesAndDerivatives() {
    // |x|, sign x
    values(v(-2, 0, 3).abs(), 2, 0, 3);
    values(gradient(x -> x.abs(), v(-2, 0, 3).requiresGrad_(), 1, 1, 1), -1, 0, 1);
    values(gradient(x -> x.abs(), v(Double.NaN).requiresGrad_(), 1), 0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.abs(), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.abs());
    rejectsIntegers("abs", x -> x.abs());
  }
}
