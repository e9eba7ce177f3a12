// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CumSumTest {

  @Test
  void valuesAreRight() {
    values(v(1, 2, 3).cumsum(0), 1, 3, 6);
    values(t(new double[] {1, 2, 3, 4}, 2, 2).cumsum(0), Shape.of(2, 2), 1, 2, 4, 6);
  }

  @Test
  @DisplayName("G08: the sums from the end")
  void formula() {
    values(gradient(x -> x.cumsum(0), v(1, 2, 3).requiresGrad_(), 1, 10, 100), 111, 110, 100);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1})
  void gradientsAreRight(int axis) {
    gradients(x -> x.cumsum(axis), random(1, 2, 3, 2));
    gradients(x -> x.cumsum(axis), random(1, 0, 3, 1));
    gradients(x -> x.cumsum(axis), random(1, 3, 1, 0));
  }

  @Test
  void saved() {
    savesNothing(x -> x.cumsum(0));
    rejectsIntegers("cumsum", x -> x.cumsum(0));
    rejects(
        IndexOutOfBoundsException.class,
        "axis: expected one in [-1, 1) for shape [2], got 1",
        () -> v(1, 2).cumsum(1));
  }
}
