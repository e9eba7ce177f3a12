// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/**
 * Borders around a tensor: {@code torch.nn.functional.pad}. Sizes are given as there, in pairs from
 * the last axis on: {@code left, right, top, bottom}. The gradient is cut, and what a border copied
 * is added where it was copied from.
 */
public final class Pad {
  private Pad() {}

  /** Borders of one value; a negative size cuts. */
  public static Tensor of(Tensor x, double value, long... sizes) {
    Tensor y = x;
    long[] dims = x.shape().dims();
    long[] origin = new long[dims.length];
    checkPairs(x.shape(), sizes);
    for (int i = 0; i < sizes.length / 2; i++) {
      int axis = dims.length - 1 - i;
      long before = sizes[2 * i];
      long after = sizes[2 * i + 1];
      long cut = Math.max(0, -before);
      long kept = dims[axis] - cut - Math.max(0, -after);
      if (kept < 0) {
        throw wrong(x.shape(), sizes, "sizes that leave 0 or more of every axis");
      }
      y = kept == dims[axis] ? y : Slice.of(y, axis, cut, kept);
      origin[axis] = Math.max(0, before);
      dims[axis] = kept + Math.max(0, before) + Math.max(0, after);
    }
    Shape shape = Shape.of(dims);
    if (shape.equals(y.shape())) {
      return y == x ? x.copy() : y;
    }
    long[] strides = shape.strides();
    long offset = 0;
    for (int i = 0; i < strides.length; i++) {
      offset += origin[i] * strides[i];
    }
    return Strided.place("Pad", y, shape, new Layout(offset, strides), value);
  }

  /** Borders that mirror the inside without repeating the edge. */
  public static Tensor reflect(Tensor x, long... sizes) {
    return copied(
        x, sizes, 1, (p, n) -> p < 0 ? -p : p >= n ? 2 * (n - 1) - p : p, "less than the axis");
  }

  /** Borders that repeat the edge. */
  public static Tensor replicate(Tensor x, long... sizes) {
    return copied(x, sizes, Long.MIN_VALUE, (p, n) -> Math.max(0, Math.min(n - 1, p)), "0 or more");
  }

  /** Where a position outside of an axis of size n is copied from. */
  private interface Source {
    long of(long position, long n);
  }

  /** {@code margin} is how much smaller than the axis a border has to be. */
  private static Tensor copied(Tensor x, long[] sizes, long margin, Source source, String bound) {
    checkPairs(x.shape(), sizes);
    Tensor y = x;
    for (int i = 0; i < sizes.length / 2; i++) {
      int axis = x.rank() - 1 - i;
      long n = x.size(axis);
      long before = sizes[2 * i];
      long after = sizes[2 * i + 1];
      long most = margin == Long.MIN_VALUE ? Long.MAX_VALUE : n - margin;
      if (n == 0 || Math.min(before, after) < 0 || Math.max(before, after) > most) {
        throw wrong(x.shape(), sizes, "borders of " + bound + " on axes that are not empty");
      }
      long[] from = positions(n, before, after, p -> source.of(p, n));
      y = IndexSelect.of(y, axis, IndexSelect.indices(from, x));
    }
    return y;
  }

  private static long[] positions(long n, long before, long after, LongUnaryOperator source) {
    long[] positions = new long[Math.toIntExact(n + before + after)];
    Arrays.setAll(positions, i -> source.applyAsLong(i - before));
    return positions;
  }

  private static void checkPairs(Shape x, long[] sizes) {
    if (sizes.length % 2 != 0 || sizes.length > 2 * x.rank()) {
      throw wrong(x, sizes, "two sizes for each of at most %d axes".formatted(x.rank()));
    }
  }

  private static ShapeMismatchException wrong(Shape x, long[] sizes, String expected) {
    return new ShapeMismatchException(
        "pad: expected %s for shape %s, got %s".formatted(expected, x, Arrays.toString(sizes)));
  }
}
