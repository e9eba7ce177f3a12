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

class SigmoidTest {

  @Test
  void valuesAreRight() { // 1/(1 + e⁻ˣ), without overflow far out
    values(v(0, 2, -800, 800).sigmoid(), 0.5, 0.8807970779778823, 0, 1);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.sigmoid(), random(1, shape));
  }

  @Test
  void saved() {
    savesResult(x -> x.sigmoid());
    rejectsIntegers("sigmoid", x -> x.sigmoid());
  }
}
