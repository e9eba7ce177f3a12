// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectTest {
  @Test
  void valuesAreRight() {
    values(arange(2, 3).select(1, 1), Shape.of(2), 1, 4);
    values(arange(2, 3).select(0, -1), Shape.of(3), 3, 4, 5);
    values(arange(3).select(0, 2), Shape.scalar(), 2);
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,-1", "2,0", "-1,0"})
  void gradientsAreRight(int axis, long index) {
    gradients(x -> x.select(axis, index), random(1, 2, 3, 1));
  }

  @ParameterizedTest
  @CsvSource({"3", "-4"})
  void badIndex(long index) {
    rejects(
        IndexOutOfBoundsException.class,
        "select: expected an index in [-3, 3) for axis 1 of shape [2, 3], got " + index,
        () -> arange(2, 3).select(1, index));
  }
}
