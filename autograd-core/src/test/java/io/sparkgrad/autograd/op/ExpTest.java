// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesResult;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class ExpTest {

  @Test
  void valuesAreRight() { // eˣ
    values(v(0, 1, -2).exp(), 1, Math.E, 0.1353352832366127);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.exp(), random(1, shape));
  }

  @Test
  void saved() {
    savesResult(x -> x.exp());
    rejectsIntegers("exp", x -> x.exp());
  }
}
