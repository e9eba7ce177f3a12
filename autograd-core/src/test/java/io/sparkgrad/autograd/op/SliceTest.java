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

class SliceTest {

  @Test
  void valuesAreRight() {
    values(arange(2, 3).narrow(1, 1, 2), Shape.of(2, 2), 1, 2, 4, 5);
    values(arange(2, 3).narrow(-2, 1, 1), Shape.of(1, 3), 3, 4, 5);
    values(arange(2, 3).narrow(0, 2, 0), Shape.of(0, 3));
  }

  @ParameterizedTest
  @CsvSource({"0,0,1", "0,1,1", "1,1,2", "1,0,3", "2,0,1", "1,3,0"})
  void gradientsAreRight(int axis, long start, long length) {
    gradients(x -> x.narrow(axis, start, length), random(1, 2, 3, 1));
  }

  @ParameterizedTest
  @CsvSource({"-1,1", "0,-1", "0,4", "3,1", "1,9223372036854775807"})
  void badRange(long start, long length) {
    rejects(
        IndexOutOfBoundsException.class,
        "narrow: expected a range inside axis 1 of shape [2, 3], got start %d and length %d"
            .formatted(start, length),
        () -> arange(2, 3).narrow(1, start, length));
  }
}
