// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SqueezeTest {
  @Test
  void shapes() {
    assertEquals(Shape.of(2, 3), arange(1, 2, 1, 3).squeeze().shape());
    assertEquals(Shape.of(1, 2, 3), arange(1, 2, 1, 3).squeeze(2, 1).shape());
    assertEquals(Shape.scalar(), arange().squeeze().shape());
    assertEquals(Shape.of(1, 2), arange(2).unsqueeze(0).shape());
    assertEquals(Shape.of(2, 1), arange(2).unsqueeze(-1).shape());
    assertEquals(Shape.of(1), arange().unsqueeze(0).shape());
  }

  @EachShape
  @DisplayName("RULE-4: the gradient takes the inverse way")
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.unsqueeze(0), random(1, shape));
    gradients(x -> x.unsqueeze(-1).squeeze(), random(1, shape));
  }

  @Test
  void badAxis() {
    rejects(
        IndexOutOfBoundsException.class,
        "axis: expected one in [-2, 2) for shape [2, 0], got 2",
        () -> arange(2).unsqueeze(2));
  }
}
