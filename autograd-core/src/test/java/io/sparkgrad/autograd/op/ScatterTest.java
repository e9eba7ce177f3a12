// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ScatterTest {
  private static Tensor longs(long... values) {
    return Tensor.of(values);
  }

  @Test
  @DisplayName("G12: scatter_add [0, 1, 1, 2], go [1, 10, 100] gives src [1, 10, 10, 100]")
  void adds() {
    Tensor x = v(1, 1, 1).requiresGrad_();
    Tensor source = v(1, 2, 3, 4).requiresGrad_();
    Tensor y = x.scatterAdd(0, longs(0, 1, 1, 2), source);
    values(y, 2, 6, 5);
    y.backward(v(1, 10, 100));
    values(x.grad(), 1, 10, 100);
    values(source.grad(), 1, 10, 10, 100);
  }

  @Test
  @DisplayName("G12: scatter [0, 2], go [1, 10, 100] gives self [0, 10, 0] and src [1, 100]")
  void writes() {
    Tensor x = v(7, 8, Double.NaN).requiresGrad_();
    Tensor source = v(1, 2).requiresGrad_();
    Tensor y = x.scatter(0, longs(0, 2), source);
    values(y, 1, 8, 2);
    y.backward(v(1, 10, 100));
    values(x.grad(), 0, 10, 0);
    values(source.grad(), 1, 100);
    values(v(0, 0).scatter(0, longs(1, 1), v(5, 6)), 0, 6); // the last of several
  }

  @Test
  void gradientsAreRight() {
    Tensor index = Tensor.of(new long[] {2, 0, 0, 1}, 2, 2);
    allGradients(in -> in.get(0).scatter(0, index, in.get(1)), random(1, 3, 2), random(2, 2, 3));
    allGradients(in -> in.get(0).scatterAdd(1, index, in.get(1)), random(1, 2, 3), random(2, 3, 2));
    allGradients(in -> in.get(0).scatter(0, longs(), in.get(1)), random(1, 2), random(2, 1));
  }

  @Test
  void badArguments() {
    rejects(
        ShapeMismatchException.class,
        "scatter: expected a source of at least the index's shape [2], got [1]",
        () -> v(1, 2).scatter(0, longs(0, 1), v(1)));
    rejects(
        IndexOutOfBoundsException.class,
        "scatter_add: index 2 at position 0 is out of bounds for axis 0 of shape [2]",
        () -> v(1, 2).scatterAdd(0, longs(2), v(1)));
    rejects(
        AutogradException.class,
        "scatter: expected tensors of one dtype, got FLOAT64 and FLOAT32",
        () -> v(1, 2).scatter(0, longs(0), Tensor.ones(1)));
  }
}
