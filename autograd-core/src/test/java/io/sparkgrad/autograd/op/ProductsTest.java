// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductsTest {
  @Test
  @DisplayName("G10: Σ (A·[1, 2]) gives A.grad [[1, 2], [1, 2]] and v.grad [4, 6]")
  void matrixTimesVector() {
    Tensor a = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
    Tensor x = v(1, 2).requiresGrad_();
    Tensor y = a.mv(x);
    values(y, 5, 11);
    y.sum().backward();
    values(a.grad(), 1, 2, 1, 2);
    values(x.grad(), 4, 6);
  }

  @Test
  @DisplayName("G10: AB with go [[1, 0], [2, −1]], through addmm")
  void addmm() {
    Tensor a = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
    Tensor b = t(new double[] {5, 6, 7, 8}, 2, 2).requiresGrad_();
    Tensor c = v(1, 2).requiresGrad_();
    Tensor y = Products.addmm(c, a, b, 2, 1);
    values(y, Shape.of(2, 2), 21, 26, 45, 54);
    y.backward(t(new double[] {1, 0, 2, -1}, 2, 2));
    values(a.grad(), 5, 7, 4, 6);
    values(b.grad(), 7, -3, 10, -4);
    values(c.grad(), 6, -2);
    values(Products.addmm(v(Double.NaN, 0), a, b, 0, 0.5), 9.5, 11, 21.5, 25);
  }

  @Test
  void others() { // 1·3 + 2·4; [1, 2]ᵀ[3, 4]; each matrix on its own: 0·0 + 1·1 and 2·2 + 3·3
    values(v(1, 2).dot(v(3, 4)), Shape.scalar(), 11);
    values(v(1, 2).outer(v(3, 4, 5)), Shape.of(2, 3), 3, 4, 5, 6, 8, 10);
    values(arange(2, 1, 2).bmm(arange(2, 2, 1)), Shape.of(2, 1, 1), 1, 13);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,3,1", "3,1,2", "0,2,3", "2,0,3"})
  void gradientsAreRight(long n, long m, long p) {
    allGradients(in -> in.get(0).bmm(in.get(1)), random(1, 2, n, m), random(2, 2, m, p));
    allGradients(in -> in.get(0).mv(in.get(1)), random(1, n, m), random(2, m));
    allGradients(in -> in.get(0).dot(in.get(1)), random(1, n), random(2, n));
    allGradients(in -> in.get(0).outer(in.get(1)), random(1, n), random(2, m));
    allGradients(
        in -> Products.addmm(in.get(0), in.get(1), in.get(2), 0.5, 2),
        random(1, n, 1),
        random(2, n, m),
        random(3, m, p));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "bmm: expected batches of matrices [b, n, m] and [b, m, p], got [1, 2, 2] and [2, 2, 2]",
        () -> arange(1, 2, 2).bmm(arange(2, 2, 2)));
    rejects(
        ShapeMismatchException.class,
        "mv: expected a matrix [n, m] and a vector [m], got [2, 2] and [3]",
        () -> arange(2, 2).mv(arange(3)));
    rejects(
        ShapeMismatchException.class,
        "dot: expected two vectors [n], got [2] and [3]",
        () -> arange(2).dot(arange(3)));
    rejects(
        ShapeMismatchException.class,
        "outer: expected two vectors, got [2] and [1, 3]",
        () -> arange(2).outer(arange(1, 3)));
    rejects(
        ShapeMismatchException.class,
        "addmm: expected matrices [n, m] and [m, p], got [2, 2] and [3, 2]",
        () -> Products.addmm(v(1), arange(2, 2), arange(3, 2), 1, 1));
  }
}
