// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PadTest {

  @Test
  @DisplayName("G13: pad(1, 2), go 1…5 gives [2, 3]")
  void constant() {
    values(Pad.of(v(1, 2), 9, 1, 2), Shape.of(5), 9, 1, 2, 9, 9);
    values(gradient(x -> Pad.of(x, 0, 1, 2), v(7, 8).requiresGrad_(), 1, 2, 3, 4, 5), 2, 3);
    values(Pad.of(arange(2, 2), 0, 0, 1, 1, 0), Shape.of(3, 3), 0, 0, 0, 0, 1, 0, 2, 3, 0);
    values(Pad.of(arange(3), 0, -1, 1), 1, 2, 0);
    values(Pad.of(arange(2), 0), 0, 1);
    savesNothing(x -> Pad.of(x, 1, 1, 1));
  }

  @Test
  void borders() { // as torch.nn.functional.pad of arange(3) and arange(4).view(2, 2)
    values(Pad.reflect(arange(3), 2, 1), 2, 1, 0, 1, 2, 1);
    values(Pad.replicate(arange(3), 2, 1), 0, 0, 0, 1, 2, 2);
    values(
        Pad.replicate(arange(2, 2), 1, 0, 0, 2),
        Shape.of(4, 3),
        0,
        0,
        1,
        2,
        2,
        3,
        2,
        2,
        3,
        2,
        2,
        3);
    values(Pad.reflect(arange(2, 2), 1, 0, 0, 1), Shape.of(3, 3), 1, 0, 1, 3, 2, 3, 1, 0, 1);
  }

  @ParameterizedTest
  @CsvSource({"0,0,0,0", "1,0,2,0", "0,1,1,2", "-1,1,0,-1", "2,-1,0,0"})
  void gradientsAreRight(long left, long right, long top, long bottom) {
    gradients(x -> Pad.of(x, 3, left, right, top, bottom), random(1, 2, 3, 3));
    gradients(x -> Pad.of(x, 0, left, right), random(1, 1, 2));
    if (Math.min(left, right) >= 0) {
      gradients(x -> Pad.reflect(x, left, right, top, Math.max(0, bottom)), random(1, 3, 3));
    }
  }

  @Test
  void gradientsOfBorders() {
    gradients(x -> Pad.replicate(x, 3, 1, 0, 2), random(1, 2, 2, 1));
    gradients(x -> Pad.reflect(x, 2, 2), random(1, 2, 3));
    gradients(x -> Pad.of(x, 1, 1, 1), random(1, 2, 0));
  }

  @Test
  void badSizes() {
    rejects(
        ShapeMismatchException.class,
        "pad: expected two sizes for each of at most 1 axes for shape [3], got [1]",
        () -> Pad.of(arange(3), 0, 1));
    rejects(
        ShapeMismatchException.class,
        "pad: expected sizes that leave 0 or more of every axis for shape [3], got [-2, -2]",
        () -> Pad.of(arange(3), 0, -2, -2));
    rejects(
        ShapeMismatchException.class,
        "pad: expected borders of less than the axis on axes that are not empty for shape [3], got [3, 0]",
        () -> Pad.reflect(arange(3), 3, 0));
    rejects(
        ShapeMismatchException.class,
        "pad: expected borders of 0 or more on axes that are not empty for shape [3], got [-1, 0]",
        () -> Pad.replicate(arange(3), -1, 0));
  }
}
