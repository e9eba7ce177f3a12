// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GatherTest {
  private static Tensor longs(long[] values, long... dims) {
    return Tensor.of(values, dims);
  }

  @Test
  @DisplayName("G12: gather(dim 1, [[0, 0], [1, 0]]) of [[1, 2], [3, 4]]")
  void valuesAreRight() {
    Tensor x = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
    Tensor index = longs(new long[] {0, 0, 1, 0}, 2, 2);
    Tensor y = x.gather(1, index);
    values(y, Shape.of(2, 2), 1, 1, 4, 3);
    y.backward(t(new double[] {1, 2, 3, 4}, 2, 2));
    values(x.grad(), 3, 0, 4, 3);
    values(x.gather(0, longs(new long[] {1}, 1, 1)), Shape.of(1, 1), 3);
  }

  @Test
  void gradientsAreRight() {
    gradients(x -> x.gather(0, longs(new long[] {2, 0, 0, 1}, 2, 2)), random(1, 3, 2));
    gradients(x -> x.gather(-1, longs(new long[] {2, 0, 2, 1}, 2, 1, 2)), random(1, 2, 2, 3));
    gradients(x -> x.gather(0, longs(new long[0], 0)), random(1, 3));
  }

  @Test
  void badIndex() {
    for (long bad : new long[] {2, -1}) {
      rejects(
          IndexOutOfBoundsException.class,
          "gather: index %d at position 1 is out of bounds for axis 0 of shape [2]".formatted(bad),
          () -> v(1, 2).gather(0, longs(new long[] {0, bad})));
    }
    rejects(
        ShapeMismatchException.class,
        "gather: expected an INT64 index of at most shape [2] but for axis 0, got FLOAT64 [1]",
        () -> v(1, 2).gather(0, v(0)));
    rejects(
        ShapeMismatchException.class,
        "gather: expected an INT64 index of at most shape [2, 2] but for axis 0, got INT64 [1, 3]",
        () -> arange(2, 2).gather(0, longs(new long[3], 1, 3)));
  }
}
