// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SliceTest {

  @Test
  void valuesAreRight() {
    values(arange(2, 3).narrow(1, 1, 2), Shape.of(2, 2), 1, 2, 4, 5);
    values(arange(2, 3).narrow(-2, 1, 1), Shape.of(1, 3), 3, 4, 5);
    values(arange(2, 3).narrow(0, 2, 0), Shape.of(0, 3));
    values(arange(2, 3).narrow(1, -2, 1), Shape.of(2, 1), 1, 4);
  }

  @ParameterizedTest
  @CsvSource({"0,0,1", "0,1,1", "1,1,2", "1,0,3", "2,0,1", "1,3,0", "1,-2,2"})
  void gradientsAreRight(int axis, long start, long length) {
    gradients(x -> x.narrow(axis, start, length), random(1, 2, 3, 1));
  }

  @ParameterizedTest
  @CsvSource({"-4,1", "-1,2", "0,-1", "0,4", "3,1", "1,9223372036854775807"})
  void badRange(long start, long length) {
    rejects(
        IndexOutOfBoundsException.class,
        "narrow: expected a range inside axis 1 of shape [2, 3], got start %d and length %d"
            .formatted(start, length),
        () -> arange(2, 3).narrow(1, start, length));
  }

  @ParameterizedTest
  @CsvSource({
    "1,6,2,'1 3 5'",
    "0,100,3,'0 3 6'",
    "-3,-1,1,'4 5'",
    "5,2,1,''",
    "-100,2,1,'0 1'",
    "0,7,9,'0'"
  })
  @DisplayName("G13: x[start:stop:step], cut to what is there")
  void steps(long start, long stop, long step, String expected) {
    double[] values =
        expected.isEmpty()
            ? new double[0]
            : Arrays.stream(expected.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    values(arange(7).slice(0, start, stop, step), values);
    gradients(x -> x.slice(1, start, stop, step), random(1, 2, 7, 2));
  }

  @Test
  @DisplayName("G13: x[1:6:2], go [1, 2, 3] gives [0, 1, 0, 2, 0, 3]")
  void stepGradient() {
    Tensor x = random(1, 6);
    x.slice(0, 1, 6, 2).backward(v(1, 2, 3));
    values(x.grad(), 0, 1, 0, 2, 0, 3);
    savesNothing(z -> z.slice(0, 0, 2, 1));
    rejects(
        IllegalArgumentException.class,
        "slice: expected a step of 1 or more, got 0",
        () -> x.slice(0, 0, 2, 0));
  }
}
