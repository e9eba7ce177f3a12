// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class FlipTest {
  @Test
  void valuesAreRight() {
    values(v(1, 2, 3).flip(0), 3, 2, 1);
    values(arange(2, 3).flip(-1), Shape.of(2, 3), 2, 1, 0, 5, 4, 3);
    values(arange(2, 3).flip(0, 1), 5, 4, 3, 2, 1, 0);
    values(arange(2).flip(), 0, 1);
  }

  @Test
  void gradientsAreRight() {
    values(gradient(x -> x.flip(0), v(1, 2).requiresGrad_(), 1, 10), 10, 1);
    gradients(x -> x.flip(0, 2), random(1, 2, 1, 3));
    gradients(x -> x.flip(0), random(1, 0, 3));
    savesNothing(x -> x.flip(0));
  }
}
