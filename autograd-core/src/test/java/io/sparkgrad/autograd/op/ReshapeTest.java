// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReshapeTest {

  @Test
  void valuesAreRight() {
    values(arange(2, 3).reshape(3, 2), Shape.of(3, 2), 0, 1, 2, 3, 4, 5);
    assertEquals(Shape.of(2, 3, 1), arange(6).reshape(2, -1, 1).shape());
    assertEquals(Shape.scalar(), v(4).reshape().shape());
    assertEquals(Shape.of(0), t(new double[0], 0, 3).reshape(-1).shape());
  }

  @Test
  void gradientsAreRight() {
    gradients(x -> x.reshape(3, 1, 2), random(1, 2, 3));
    gradients(x -> x.reshape(-1), random(1, 0, 3));
    gradients(x -> x.reshape(), random(1, 1));
    gradients(x -> x.flatten(1), random(1, 2, 1, 3));
  }

  @Test
  void sharesStorageAndVersion() {
    Tensor x = v(1, 2, 3, 4);
    Tensor y = x.reshape(2, 2);
    y.fill_(7);
    values(x, 7, 7, 7, 7);
    assertEquals(1, x.version());
  }

  @Test
  void flatten() {
    assertEquals(Shape.of(2, 12), arange(2, 3, 4).flatten(1).shape());
    assertEquals(Shape.of(2, 3, 4), arange(2, 3, 4).flatten(-1).shape());
    assertEquals(Shape.of(24), arange(2, 3, 4).flatten(0).shape());
  }

  @Test
  void badShapes() {
    for (long[] dims : List.of(new long[] {4, 2}, new long[] {4, -1}, new long[] {0, -1})) {
      rejects(
          ShapeMismatchException.class,
          "reshape: expected a shape of 6 elements (those of [2, 3]), got "
              + java.util.Arrays.toString(dims),
          () -> arange(2, 3).reshape(dims));
    }
    rejects(
        ShapeMismatchException.class,
        "reshape: expected sizes of 0 or more and at most one -1, got [-1, -1]",
        () -> arange(2, 3).reshape(-1, -1));
  }
}
