// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.distinct;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SortTest {
  @Test
  @DisplayName(
      "G13: sort [3, 1, 2] with go [1, 2, 3] gives [3, 1, 2]; topk 2 with go [1, 10] gives [1, 0, 10]")
  void valuesAreRight() {
    values(v(3, 1, 2).sort(0, false).values(), 1, 2, 3);
    values(gradient(x -> x.sort(0, false).values(), v(3, 1, 2).requiresGrad_(), 1, 2, 3), 3, 1, 2);
    values(gradient(x -> x.topk(2, 0).values(), v(3, 1, 2).requiresGrad_(), 1, 10), 1, 0, 10);
    assertArrayEquals(new long[] {0, 2}, v(3, 1, 2).topk(2, 0).indices().toLongArray());
    values(Sort.topk(v(3, 1, 2), 2, 0, false).values(), 1, 2);
    values(arange(2, 3).sort(0, true).values(), Shape.of(2, 3), 3, 4, 5, 0, 1, 2);
    values(arange(2, 3).topk(1, 1).values(), Shape.of(2, 1), 2, 5);
  }

  @Test
  @DisplayName("RULE-6: of equal values the first comes first; NaN is the largest")
  void ties() {
    assertArrayEquals(new long[] {1, 2, 0}, v(2, 1, 1).sort(0, false).indices().toLongArray());
    assertArrayEquals(new long[] {0, 2, 1}, v(2, 1, 2).sort(0, true).indices().toLongArray());
    assertArrayEquals(new long[] {0, 1}, v(0.0, -0.0).sort(0, false).indices().toLongArray());
    values(v(3, Double.NaN, 1).sort(0, false).values(), 1, 3, Double.NaN);
    values(v(3, Double.NaN, 1).sort(0, true).values(), Double.NaN, 3, 1);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void gradientsAreRight(int axis) {
    gradients(x -> x.sort(axis, true).values(), distinct(1, 2, 3, 2));
    gradients(x -> x.topk(1, axis).values(), distinct(1, 2, 3, 2));
    gradients(x -> x.sort(axis, false).values(), random(1, 2, 0, 3));
  }

  @Test
  void badArguments() {
    rejects(
        ShapeMismatchException.class,
        "topk: expected a k in [0, 2] for axis 0 of shape [2], got 3",
        () -> v(1, 2).topk(3, 0));
    rejectsIntegers("sort", x -> x.sort(0, true).values());
  }
}
