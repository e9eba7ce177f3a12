// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesResult;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class SqrtTest {

  @Test
  void valuesAreRight() { // √x, NaN below 0
    values(v(4, 0, 2, -1).sqrt(), 2, 0, 1.4142135623730951, Double.NaN);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.sqrt(), positive(1, shape));
  }

  @Test
  void saved() {
    savesResult(x -> x.sqrt());
    rejectsIntegers("sqrt", x -> x.sqrt());
  }
}
