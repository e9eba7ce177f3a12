// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CompareTest {

  @Test
  void comparisons() { // 1 where it holds; nothing is above or equal to NaN
    values(v(1, 2, Double.NaN).gt(v(1, 1, 1)), 0, 1, 0);
    values(v(1, 2, Double.NaN).eq(v(1, 1, Double.NaN)), 1, 0, 0);
    values(t(new double[] {1, 3}, 2, 1).gt(v(2, 0)), Shape.of(2, 2), 0, 1, 1, 1);
  }

  @Test
  @DisplayName("RULE-3, G15: no gradient, though an input wants one")
  void notDifferentiable() {
    Tensor x = v(1.5, 2.5).requiresGrad_();
    assertFalse(x.gt(v(2, 2)).requiresGrad());
    assertFalse(x.eq(x).requiresGrad());
    assertFalse(x.argmax().requiresGrad());
  }

  @Test
  void argmax() { // of equals the first; NaN is the largest
    Tensor y = t(new double[] {1, 3, 3, 5, -1, 4, Double.NaN, 9, Double.NaN}, 3, 3).argmax();
    assertEquals(DType.INT64, y.dtype());
    assertArrayEquals(new long[] {1, 0, 0}, y.toLongArray());
    assertEquals(Shape.scalar(), v(1, 2).argmax().shape());
    assertEquals(Shape.of(0), t(new double[0], 0, 3).argmax().shape());
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "argmax: expected a last axis of 1 or more, got shape [3, 0]",
        () -> t(new double[0], 3, 0).argmax());
    rejects(
        ShapeMismatchException.class,
        "compare: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).gt(v(1, 2, 3)));
    rejectsIntegers("argmax", Tensor::argmax);
  }
}
