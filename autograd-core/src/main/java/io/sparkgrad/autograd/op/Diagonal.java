// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/**
 * The diagonal of two axes, and a matrix with a given one. A copy: a write to it does not reach the
 * tensor it is taken from.
 */
public final class Diagonal {
  private Diagonal() {}

  /** The two axes disappear; the diagonal, {@code offset} above the main one, comes last. */
  public static Tensor of(Tensor x, long offset, int axis0, int axis1) {
    int a = x.shape().axis(axis0);
    int b = x.shape().axis(axis1);
    if (a == b) {
      throw new ShapeMismatchException(
          "diagonal: expected two different axes of shape %s, got %d and %d"
              .formatted(x.shape(), axis0, axis1));
    }
    long[] from = x.shape().strides();
    long[] dims = new long[x.rank() - 1];
    long[] strides = new long[dims.length];
    int n = 0;
    for (int i = 0; i < x.rank(); i++) {
      if (i != a && i != b) {
        dims[n] = x.size(i);
        strides[n++] = from[i];
      }
    }
    long down = Math.max(0, -offset);
    long right = Math.max(0, offset);
    dims[n] = Math.max(0, Math.min(x.size(a) - down, x.size(b) - right));
    strides[n] = from[a] + from[b];
    Layout layout = new Layout(down * from[a] + right * from[b], strides);
    return Strided.take("Diagonal", x, Shape.of(dims), layout);
  }

  /** A vector as the diagonal of a square matrix of zeros, or the diagonal of a matrix. */
  public static Tensor diag(Tensor x, long offset) {
    if (x.rank() == 2) {
      return of(x, offset, 0, 1);
    }
    if (x.rank() != 1) {
      throw new ShapeMismatchException(
          "diag: expected a vector or a matrix, got shape " + x.shape());
    }
    long size = x.numel() + Math.abs(offset);
    long start = Math.max(0, -offset) * size + Math.max(0, offset);
    Layout layout = new Layout(start, new long[] {size + 1});
    return Strided.place("Diag", x, Shape.of(size, size), layout, 0);
  }
}
