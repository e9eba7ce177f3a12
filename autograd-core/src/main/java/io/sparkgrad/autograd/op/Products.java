// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;

/** Products of tensors of one rank each, by {@link MatMul} and its gradients. */
public final class Products {
  private Products() {}

  /** {@code [b, n, m]·[b, m, p]}. */
  public static Tensor bmm(Tensor a, Tensor b) {
    check(
        "bmm",
        "batches of matrices [b, n, m] and [b, m, p]",
        a.rank() == 3 && b.rank() == 3 && a.size(0) == b.size(0) && a.size(2) == b.size(1),
        a,
        b);
    return MatMul.of(a, b);
  }

  /** {@code [n, m]·[m]}. */
  public static Tensor mv(Tensor matrix, Tensor vector) {
    check(
        "mv",
        "a matrix [n, m] and a vector [m]",
        matrix.rank() == 2 && vector.rank() == 1 && matrix.size(1) == vector.size(0),
        matrix,
        vector);
    return MatMul.of(matrix, vector);
  }

  /** {@code Σ a·b} of two vectors, a scalar. */
  public static Tensor dot(Tensor a, Tensor b) {
    check("dot", "two vectors [n]", a.rank() == 1 && a.shape().equals(b.shape()), a, b);
    return MatMul.of(a, b);
  }

  /** {@code y[i, j] = a[i]·b[j]}. */
  public static Tensor outer(Tensor a, Tensor b) {
    check("outer", "two vectors", a.rank() == 1 && b.rank() == 1, a, b);
    return a.reshape(a.numel(), 1).mul(b);
  }

  /** {@code beta·c + alpha·a·b}, where c stretches to the product. */
  public static Tensor addmm(Tensor c, Tensor a, Tensor b, double beta, double alpha) {
    check(
        "addmm",
        "matrices [n, m] and [m, p]",
        a.rank() == 2 && b.rank() == 2 && a.size(1) == b.size(0),
        a,
        b);
    Tensor product = MatMul.of(a, b);
    Tensor scaled = alpha == 1 ? product : product.mul(alpha);
    // As in PyTorch a beta of 0 ignores c, NaN and all.
    return beta == 0
        ? scaled
        : scaled.add((beta == 1 ? c : c.mul(beta)).expand(product.shape().dims()));
  }

  private static void check(String op, String expected, boolean ok, Tensor a, Tensor b) {
    if (!ok) {
      throw new ShapeMismatchException(
          "%s: expected %s, got %s and %s".formatted(op, expected, a.shape(), b.shape()));
    }
  }
}
