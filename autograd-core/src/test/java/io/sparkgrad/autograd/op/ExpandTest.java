// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ExpandTest {

  @Test
  void valuesAreRight() {
    values(v(1, 2).expand(3, 2), Shape.of(3, 2), 1, 2, 1, 2, 1, 2);
    values(v(1, 2).reshape(2, 1).expand(2, 2), Shape.of(2, 2), 1, 1, 2, 2);
    Tensor x = v(1, 2);
    assertSame(x, x.expand(2));
  }

  @EachPair
  void gradientsAreRight(Shape from, Shape other) {
    long[] to = Broadcasting.of("test", from, other).dims();
    gradients(x -> x.expand(to), random(1, from));
  }

  @Test
  @DisplayName("G01, RULE-4: [1,2] expanded to (3,2), go 0…5, gives [6,9]")
  void sums() {
    values(gradient(x -> x.expand(3, 2), v(1, 2).requiresGrad_(), 0, 1, 2, 3, 4, 5), 6, 9);
  }

  @Test
  void badShape() {
    rejects(
        ShapeMismatchException.class,
        "expand: expected a shape to which [2] stretches, got [2, 3]",
        () -> v(1, 2).expand(2, 3));
  }

  @Test
  void minus1KeepsASize() {
    values(v(1, 2).expand(2, -1), Shape.of(2, 2), 1, 2, 1, 2);
    rejects(
        ShapeMismatchException.class,
        "shape: expected sizes of 0 or more, got [-1, 2]",
        () -> v(1, 2).expand(-1, 2));
  }
}
