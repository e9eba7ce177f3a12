// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TriangleTest {
  @Test
  void valuesAreRight() {
    values(arange(2, 3).add(1).tril(), Shape.of(2, 3), 1, 0, 0, 4, 5, 0);
    values(arange(2, 3).add(1).triu(), Shape.of(2, 3), 1, 2, 3, 0, 5, 6);
    values(Triangle.lower(arange(2, 2).add(1), -1), 0, 0, 3, 0);
    values(Triangle.upper(arange(2, 2, 2).add(1), 1), 0, 2, 0, 0, 0, 6, 0, 0);
    values(t(new double[] {1, Double.NaN, 2, 3}, 2, 2).tril(), 1, 0, 2, 3);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "-1", "9"})
  void gradientsAreRight(long diagonal) {
    gradients(x -> Triangle.lower(x, diagonal), random(1, 3, 2));
    gradients(x -> Triangle.upper(x, diagonal), random(1, 2, 2, 3));
    gradients(x -> Triangle.upper(x, diagonal), random(1, 0, 3));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "tril: expected a matrix or a batch of them, got shape [3]",
        () -> v(1, 2, 3).tril());
    rejectsIntegers("triu", x -> x.triu());
  }
}
