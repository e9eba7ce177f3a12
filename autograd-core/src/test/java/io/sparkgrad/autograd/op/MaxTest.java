// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.distinct;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaxTest {

  @Test
  void valuesAndPlaces() {
    Tensor x = t(new double[] {1, 5, 5, 4, 2, 6}, 2, 3);
    Max.Result columns = x.max(0);
    values(columns.values(), Shape.of(3), 4, 5, 6);
    assertArrayEquals(new long[] {1, 0, 1}, columns.indices().toLongArray());
    Max.Result rows = x.max(-1, true);
    values(rows.values(), Shape.of(2, 1), 5, 6);
    assertArrayEquals(new long[] {1, 2}, rows.indices().toLongArray());
    assertEquals(Shape.of(2, 1), rows.indices().shape());
    Max.Result least = x.min(1);
    values(least.values(), 1, 2);
    assertArrayEquals(new long[] {0, 1}, least.indices().toLongArray());
  }

  @Test
  @DisplayName("G04, RULE-6: the first of equals gets all")
  void ties() {
    values(gradient(x -> x.max(0).values(), v(1, 0, 1).requiresGrad_(), 1), 1, 0, 0);
    values(gradient(x -> x.min(0).values(), v(1, 0, 0).requiresGrad_(), 1), 0, 1, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1})
  void gradientsAreRight(int axis) {
    gradients(x -> x.max(axis).values(), distinct(1, 2, 3, 2));
    gradients(x -> x.min(axis, true).values(), distinct(1, 2, 3, 2));
    gradients(x -> x.max(1).values(), random(1, 0, 3));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "max: expected a size of 1 or more on axis 0, got shape [0, 3]",
        () -> random(1, 0, 3).max(0));
    rejectsIntegers("max", x -> x.max(0).values());
    rejectsIntegers("min", x -> x.min(0).values());
  }
}
