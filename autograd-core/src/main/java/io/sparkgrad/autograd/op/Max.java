// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/**
 * The maximum along an axis and where it stands; of equals the first, which gets all of the
 * gradient. NaN counts as the largest. A composition of argmax and selection.
 */
public final class Max {
  private Max() {}

  /** The maxima, and their places along the axis (INT64). */
  public record Result(Tensor values, Tensor indices) {}

  public static Result of(Tensor x, int axis, boolean keepDim) {
    Kernels.floating("max", x);
    if (x.rank() == 0) { // as a vector of one, whose maximum is a scalar
      return of(x.reshape(1), axis, false);
    }
    int a = x.shape().axis(axis);
    if (x.size(a) == 0) {
      throw new ShapeMismatchException(
          "max: expected a size of 1 or more on axis %d, got shape %s".formatted(axis, x.shape()));
    }
    Tensor last = x.transpose(a, -1);
    Tensor places = Compare.argmax(last);
    long columns = last.size(-1);
    long[] flat = places.toLongArray();
    for (int i = 0; i < flat.length; i++) {
      flat[i] += i * columns;
    }
    Tensor positions = Tensor.zeros(Shape.of(flat.length), DType.INT64, x.backend());
    x.backend().upload(flat, positions.buffer());
    Tensor values = IndexSelect.of(last.reshape(-1), positions);
    Shape swapped = last.shape().withSize(-1, 1);
    long[] dims = x.shape().reduced(x.shape().axisMask(a), keepDim).dims();
    return new Result(
        Reshape.fresh(values.reshape(swapped.dims()).transpose(a, -1), dims),
        Reshape.fresh(places.reshape(swapped.dims()).transpose(a, -1), dims));
  }

  /** The minima, in the same way. */
  public static Result min(Tensor x, int axis, boolean keepDim) {
    Kernels.floating("min", x);
    Result negative = of(x.neg(), axis, keepDim);
    return new Result(negative.values().neg(), negative.indices());
  }
}
