// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.Test;

class RepeatTest {
  @Test
  void valuesAreRight() {
    values(v(1, 2).repeat(2), 1, 2, 1, 2);
    values(v(1, 2).repeat(2, 1), Shape.of(2, 2), 1, 2, 1, 2);
    values(arange(2, 2).repeat(1, 2), Shape.of(2, 4), 0, 1, 0, 1, 2, 3, 2, 3);
    values(v(1, 2).repeat(0), Shape.of(0));
  }

  @Test
  void gradientsAreRight() {
    values(gradient(x -> x.repeat(2), v(1, 2).requiresGrad_(), 1, 10, 100, 1000), 101, 1010);
    gradients(x -> x.repeat(2, 1, 3), random(1, 2, 2));
    gradients(x -> x.repeat(2, 0), random(1, 1, 3));
    gradients(x -> x.repeat(3), random(1));
  }

  @Test
  void hasStorageOfItsOwn() {
    Tensor x = v(1, 2);
    x.repeat(1).fill_(0);
    values(x, 1, 2);
  }

  @Test
  void badCounts() {
    rejects(
        ShapeMismatchException.class,
        "repeat: expected a count of 0 or more for each axis of shape [2, 2], got [2]",
        () -> arange(2, 2).repeat(2));
  }
}
