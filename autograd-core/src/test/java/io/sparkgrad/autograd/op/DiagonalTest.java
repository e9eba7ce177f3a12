// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagonalTest {
  @Test
  void valuesAreRight() {
    values(arange(2, 3).diagonal(), 0, 4);
    values(Diagonal.of(arange(2, 3), 1, 0, 1), 1, 5);
    values(Diagonal.of(arange(2, 3), -1, 0, 1), 3);
    values(Diagonal.of(arange(2, 3), 5, 0, 1), Shape.of(0));
    values(Diagonal.of(arange(2, 2, 2), 0, -2, -1), Shape.of(2, 2), 0, 3, 4, 7);
    values(Diagonal.of(arange(2, 2, 2), 0, 0, 2), Shape.of(2, 2), 0, 5, 2, 7);
    values(v(1, 2).diag(), Shape.of(2, 2), 1, 0, 0, 2);
    values(Diagonal.diag(v(1, 2), -1), Shape.of(3, 3), 0, 0, 0, 1, 0, 0, 0, 2, 0);
    values(arange(2, 2).diag(), 0, 3);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "-1", "3"})
  void gradientsAreRight(long offset) {
    gradients(x -> Diagonal.of(x, offset, 0, 1), random(1, 3, 2));
    gradients(x -> Diagonal.of(x, offset, 2, 0), random(1, 2, 1, 3));
    gradients(x -> Diagonal.diag(x, offset), random(1, 2));
    gradients(x -> Diagonal.diag(x, offset), random(1, 0));
  }

  @Test
  void badAxes() {
    rejects(
        ShapeMismatchException.class,
        "diagonal: expected two different axes of shape [2, 2], got 1 and -1",
        () -> Diagonal.of(arange(2, 2), 0, 1, -1));
    rejects(
        ShapeMismatchException.class,
        "diag: expected a vector or a matrix, got shape [1, 1, 1]",
        () -> arange(1, 1, 1).diag());
  }
}
