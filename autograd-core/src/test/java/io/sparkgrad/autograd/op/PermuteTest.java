// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PermuteTest {

  @Test
  void valuesAreRight() {
    values(arange(2, 3).t(), Shape.of(3, 2), 0, 3, 1, 4, 2, 5);
    values(arange(2, 1, 2).permute(2, 0, -2), Shape.of(2, 2, 1), 0, 2, 1, 3);
    values(arange(2, 2, 2).transpose(0, -1), Shape.of(2, 2, 2), 0, 4, 2, 6, 1, 5, 3, 7);
  }

  static Stream<Arguments> orders() {
    return Stream.of(
        Arguments.of(Shape.scalar(), new int[] {}),
        Arguments.of(Shape.of(3), new int[] {0}),
        Arguments.of(Shape.of(2, 3), new int[] {1, 0}),
        Arguments.of(Shape.of(2, 1, 3), new int[] {2, 0, 1}),
        Arguments.of(Shape.of(2, 1, 3), new int[] {-2, -1, 0}),
        Arguments.of(Shape.of(2, 0, 3), new int[] {1, 2, 0}));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void gradientsAreRight(Shape shape, int[] axes) {
    gradients(x -> x.permute(axes), random(1, shape));
  }

  @Test
  void badAxes() {
    rejects(
        ShapeMismatchException.class,
        "permute: expected 2 axes for shape [2, 3], got [0]",
        () -> arange(2, 3).permute(0));
    rejects(
        ShapeMismatchException.class,
        "axis: -1 appears twice in [1, -1] for shape [2, 3]",
        () -> arange(2, 3).permute(1, -1));
    rejects(
        IndexOutOfBoundsException.class,
        "axis: expected one in [-2, 2) for shape [2, 3], got 2",
        () -> arange(2, 3).transpose(0, 2));
  }

  @Test
  void t() {
    values(arange(2, 3).t(), Shape.of(3, 2), 0, 3, 1, 4, 2, 5);
    values(arange(3).t(), Shape.of(3), 0, 1, 2);
    rejects(
        ShapeMismatchException.class,
        "t: expected a tensor of at most 2 axes, got shape [1, 2, 3]; name the axes with transpose",
        () -> arange(1, 2, 3).t());
  }
}
