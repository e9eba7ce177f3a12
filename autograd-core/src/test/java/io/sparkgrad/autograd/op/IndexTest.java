// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class IndexTest {
  private static final Tensor X = arange(2, 3, 4);

  private static Tensor longs(long[] values, long... dims) {
    return Tensor.of(values, dims);
  }

  private static Tensor longs(long... values) {
    return Tensor.of(values);
  }

  private static Tensor mask(long[] values, long... dims) {
    return Tensor.of(values, dims).to(DType.BOOL);
  }

  @Test
  @DisplayName("x[k], x[:, i, j], x[k, :, j]: where the indexed axes go")
  void integers() { // numbers as PyTorch gives them
    Tensor i = longs(new long[] {0, 1, 2, -1}, 2, 2);
    Tensor j = longs(3, 0);
    values(X.index(longs(1)), Shape.of(1, 3, 4), 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
    values(Index.of(X, Arrays.asList(null, i, j)), Shape.of(2, 2, 2), 3, 4, 11, 8, 15, 16, 23, 20);
    values(Index.of(X, Arrays.asList(longs(0, 1), null, j)), Shape.of(2, 3), 3, 7, 11, 12, 16, 20);
    values(Index.of(X, List.of()), Shape.of(2, 3, 4), X.toDoubleArray());
  }

  @Test
  @DisplayName("a mask stands for the places where it holds")
  void masks() {
    Tensor m = mask(new long[] {1, 0, 1, 0, 0, 1}, 2, 3);
    values(X.index(m), Shape.of(3, 4), 0, 1, 2, 3, 8, 9, 10, 11, 20, 21, 22, 23);
    values(X.index(m, longs(0, 1, 2)), Shape.of(3), 0, 9, 22);
    Tensor ends = mask(new long[] {1, 0, 0, 1});
    values(
        Index.of(X, Arrays.asList(null, longs(1).reshape(), ends)), Shape.of(2, 2), 4, 7, 16, 19);
    values(X.index(mask(new long[6], 2, 3)), Shape.of(0, 4));
  }

  @Test
  void puts() {
    Tensor k = longs(0, 1);
    Tensor twos = longs(2, 2);
    Tensor row = t(new double[] {-1, -2, -3, -4}, 1, 4);
    Tensor y = Index.put(X, List.of(k, twos), row, false);
    values(y.select(1, 2), -1, -2, -3, -4, -1, -2, -3, -4);
    values(y.narrow(1, 0, 2), X.narrow(1, 0, 2).toDoubleArray());
    values(Index.put(v(1, 2), List.of(longs(0, 0)), v(10, 20), true), 31, 2);
    values(Index.put(v(1, 2), List.of(longs(0, 0)), v(10, 20), false), 20, 2);
  }

  @Test
  @DisplayName("E08: c[[1, 2]] = b[[1, 1]] gives c = [0, 2, 2] and b.grad = [0, 2, 0]")
  void duplicates() {
    Tensor b = v(1, 2, 3).requiresGrad_();
    Tensor c = Index.put(v(0, 0, 0), List.of(longs(1, 2)), b.index(longs(1, 1)), false);
    values(c, 0, 2, 2);
    c.backward(v(1, 1, 1));
    values(b.grad(), 0, 2, 0);
  }

  @Test
  void gradientsAreRight() {
    gradients(x -> Index.of(x, Arrays.asList(null, longs(2, 0, -1))), random(1, 2, 3, 2));
    gradients(x -> x.index(longs(1, 1, 0), longs(0, 0, 2)), random(1, 2, 3));
    gradients(x -> x.index(longs()), random(1, 2, 3));
    for (boolean accumulate : new boolean[] {true, false}) {
      allGradients(
          in -> Index.put(in.get(0), List.of(longs(1, 1, 0)), in.get(1), accumulate),
          random(1, 2, 3),
          random(2, 3, 1));
    }
  }

  @Test
  @DisplayName("INP-6: what advanced indexing and gather took from may be overwritten")
  void saves() {
    Tensor leaf = v(1, 2).requiresGrad_();
    Tensor x = leaf.copy();
    Tensor y = x.index(longs(1, 0)).add(x.gather(0, longs(1, 1)));
    try (var mode = GradMode.noGrad()) {
      x.fill_(0);
    }
    y.backward(v(1, 10));
    values(leaf.grad(), 10, 12);
  }

  @Test
  void badIndices() {
    rejects(
        IndexOutOfBoundsException.class,
        "index: index 2 is out of bounds for axis 0 of shape [2, 3, 4]",
        () -> X.index(longs(2)));
    rejects(
        ShapeMismatchException.class,
        "index: expected indices for at most 1 axes of shape [2], got 2",
        () -> v(1, 2).index(longs(0), longs(0)));
    rejects(
        AutogradException.class,
        "index: expected indices of dtype INT64 or BOOL, got FLOAT64",
        () -> v(1, 2).index(v(0)));
    rejects(
        ShapeMismatchException.class,
        "index: expected a mask with the sizes of shape [2] from axis 0 on, got [3]",
        () -> v(1, 2).index(mask(new long[3])));
    rejects(
        ShapeMismatchException.class,
        "index: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> X.index(longs(0, 0), longs(0, 0, 0)));
    rejects(
        ShapeMismatchException.class,
        "expand: expected a shape to which [3] stretches, got [1]",
        () -> Index.put(v(1, 2), List.of(longs(0)), v(1, 2, 3), false));
  }
}
