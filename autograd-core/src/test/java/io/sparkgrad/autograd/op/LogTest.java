// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesInput;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class LogTest {

  @Test
  void valuesAreRight() { // ln x, −∞ at 0, NaN below
    values(v(1, Math.E, 0, -1).log(), 0, 1, Double.NEGATIVE_INFINITY, Double.NaN);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.log(), positive(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.log());
    rejectsIntegers("log", x -> x.log());
  }
}
