// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/** Elements picked along an axis: {@code torch.gather}. Saves their places only. */
public final class Gather {
  private Gather() {}

  /**
   * {@code y[i][j] = x[index[i][j]][j]} for axis 0, and so on. The index has the rank of x and, but
   * for this axis, at most its sizes; y has the shape of the index.
   */
  public static Tensor of(Tensor x, int axis, Tensor index) {
    long[] places = places("gather", x.shape(), axis, index);
    Kernels.sameDevice("gather", x, index);
    return Reshape.fresh(IndexSelect.flat(x, places), index.shape().dims());
  }

  /** The row-major positions in x that an index names. */
  static long[] places(String op, Shape x, int axis, Tensor index) {
    int a = checked(op, x, axis, index);
    long[] values = index.toLongArray();
    long[] places = new long[values.length];
    long[] strides = x.strides();
    long[] counter = new long[x.rank()];
    for (int i = 0; i < places.length; i++) {
      if (values[i] < 0 || values[i] >= x.size(a)) {
        throw new IndexOutOfBoundsException(
            "%s: index %d at position %d is out of bounds for axis %d of shape %s"
                .formatted(op, values[i], i, axis, x));
      }
      for (int d = 0; d < counter.length; d++) {
        places[i] += (d == a ? values[i] : counter[d]) * strides[d];
      }
      for (int d = counter.length - 1; d >= 0 && ++counter[d] == index.size(d); d--) {
        counter[d] = 0;
      }
    }
    return places;
  }

  private static int checked(String op, Shape x, int axis, Tensor index) {
    int a = x.axis(axis);
    boolean fits = index.dtype() == DType.INT64 && index.rank() == x.rank();
    for (int d = 0; fits && d < x.rank(); d++) {
      fits = d == a || index.size(d) <= x.size(d);
    }
    if (!fits) {
      throw new ShapeMismatchException(
          "%s: expected an INT64 index of at most shape %s but for axis %d, got %s %s"
              .formatted(op, x, axis, index.dtype(), index.shape()));
    }
    return a;
  }
}
