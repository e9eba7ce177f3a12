// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class NegTest {

  @Test
  void valuesAreRight() { // −x
    values(v(1, -2.5, 0).neg(), -1, 2.5, -0.0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.neg(), random(1, shape));
  }

  @Test
  void saved() {
    savesNothing(x -> x.neg());
    rejectsIntegers("neg", x -> x.neg());
  }
}
