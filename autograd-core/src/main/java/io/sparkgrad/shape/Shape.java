// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.shape;

import java.util.Arrays;

/**
 * The sizes of a tensor's axes, outermost first; immutable. A rank of 0 is a scalar with one
 * element, and a size of 0 is legal (the tensor then has no elements). Axes may be given as
 * negative numbers, counted from the end.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new long[0]);

  private final long[] dims;
  private final long numel;

  private Shape(long[] dims) {
    this.dims = dims;
    long n = 1;
    for (long d : dims) {
      if (d < 0) {
        throw new ShapeMismatchException(
            "shape: expected sizes of 0 or more, got " + Arrays.toString(dims));
      }
      n = Math.multiplyExact(n, d);
    }
    this.numel = n;
  }

  public static Shape of(long... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  public static Shape scalar() {
    return SCALAR;
  }

  public int rank() {
    return dims.length;
  }

  /** How many elements: the product of all sizes, 1 for a scalar. */
  public long numel() {
    return numel;
  }

  /** The size of one axis; a negative axis counts from the end. */
  public long size(int axis) {
    return dims[axis(axis)];
  }

  /** A copy of the sizes. */
  public long[] dims() {
    return dims.clone();
  }

  /** The axis as a number in {@code [0, rank)}. */
  public int axis(int axis) {
    return axis(axis, dims.length);
  }

  private int axis(int axis, int rank) {
    int a = axis < 0 ? axis + rank : axis;
    if (a < 0 || a >= rank) {
      throw new IndexOutOfBoundsException(
          "axis: expected one in [-%d, %d) for shape %s, got %d".formatted(rank, rank, this, axis));
    }
    return a;
  }

  /**
   * The axes as a mask over {@code [0, rank)}; no axes at all means every axis. A scalar takes the
   * axis 0 of a vector, as in PyTorch: reduced over it, it stays as it is.
   */
  public boolean[] axisMask(int... axes) {
    boolean[] mask = new boolean[Math.max(1, dims.length)];
    if (axes.length == 0) {
      Arrays.fill(mask, true);
    }
    for (int a : axes) {
      int axis = axis(a, mask.length);
      if (mask[axis]) {
        throw new ShapeMismatchException(
            "axis: " + a + " appears twice in " + Arrays.toString(axes) + " for shape " + this);
      }
      mask[axis] = true;
    }
    return Arrays.copyOf(mask, dims.length);
  }

  /** Row-major strides in elements. */
  public long[] strides() {
    long[] s = new long[dims.length];
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      s[i] = step;
      step *= dims[i];
    }
    return s;
  }

  /** This shape with the masked axes reduced to size 1 ({@code keepDim}) or left out. */
  public Shape reduced(boolean[] mask, boolean keepDim) {
    long[] out = new long[dims.length];
    int n = 0;
    for (int i = 0; i < dims.length; i++) {
      if (!mask[i]) {
        out[n++] = dims[i];
      } else if (keepDim) {
        out[n++] = 1;
      }
    }
    return new Shape(Arrays.copyOf(out, n));
  }

  /** This shape with one axis of another size. */
  public Shape withSize(int axis, long size) {
    long[] out = dims.clone();
    out[axis(axis)] = size;
    return new Shape(out);
  }

  /** {@code dims} with at most one -1 replaced by the size that keeps {@code numel()} elements. */
  public Shape inferred(long... dims) {
    long[] out = dims.clone();
    int unknown = -1;
    long known = 1;
    for (int i = 0; i < out.length; i++) {
      if (out[i] == -1 && unknown < 0) {
        unknown = i;
      } else if (out[i] < 0) {
        throw new ShapeMismatchException(
            "reshape: expected sizes of 0 or more and at most one -1, got "
                + Arrays.toString(dims));
      } else {
        known = Math.multiplyExact(known, out[i]);
      }
    }
    if (unknown >= 0) {
      out[unknown] = known == 0 ? 0 : numel / known;
      known *= out[unknown];
    }
    if (known != numel) {
      throw new ShapeMismatchException(
          "reshape: expected a shape of %d elements (those of %s), got %s"
              .formatted(numel, this, Arrays.toString(dims)));
    }
    return new Shape(out);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** For example {@code [2, 3]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
