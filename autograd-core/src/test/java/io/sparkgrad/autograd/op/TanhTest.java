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

class TanhTest {

  @Test
  void valuesAreRight() { // (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ)
    values(v(0, 1, -30).tanh(), 0, 0.7615941559557649, -1);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.tanh(), random(1, shape));
  }

  @Test
  void saved() {
    savesResult(x -> x.tanh());
    rejectsIntegers("tanh", x -> x.tanh());
  }
}
