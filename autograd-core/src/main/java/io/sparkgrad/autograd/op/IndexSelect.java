// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Entries of the first axis by number, in any order and repeated at will. Saves only the indices;
 * the gradient adds rows up in the order of the indices.
 */
public final class IndexSelect {
  private IndexSelect() {}

  /**
   * {@code y[i, ...] = x[indices[i], ...]}.
   *
   * @param indices INT64 vector with values in {@code [0, x.size(0))}
   */
  public static Tensor of(Tensor x, Tensor indices) {
    if (x.rank() == 0 || indices.rank() != 1 || indices.dtype() != DType.INT64) {
      throw new ShapeMismatchException(
          "index_select: expected an INT64 vector of indices into a tensor of rank 1 or more, got %s %s and %s"
              .formatted(indices.dtype(), indices.shape(), x.shape()));
    }
    Kernels.sameDevice("index_select", x, indices);
    checkRange(indices, x.size(0));
    return select(x, indices);
  }

  /** {@code y[..., i, ...] = x[..., indices[i], ...]} along this axis. */
  public static Tensor of(Tensor x, int axis, Tensor indices) {
    int a = x.shape().axis(axis);
    return a == 0 ? of(x, indices) : of(x.transpose(0, a), indices).transpose(0, a);
  }

  /** The elements at these row-major positions, which are known to be in range, as a vector. */
  public static Tensor flat(Tensor x, long[] positions) {
    return select(x.reshape(-1), indices(positions, x));
  }

  /** The reverse of {@link #flat}: zeros of this shape to whose positions x is added. */
  static Tensor addFlat(Tensor x, long[] positions, Shape shape) {
    return Reshape.fresh(add(x.reshape(-1), indices(positions, x), shape.numel()), shape.dims());
  }

  /** An INT64 vector where {@code like} is. */
  static Tensor indices(long[] values, Tensor like) {
    Tensor indices = Tensor.zeros(Shape.of(values.length), DType.INT64, like.backend());
    like.backend().upload(values, indices.buffer());
    return indices;
  }

  private static void checkRange(Tensor indices, long size) {
    long[] values = indices.toLongArray();
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] >= size) {
        throw new IndexOutOfBoundsException(
            "index_select: index %d at position %d is out of bounds for an axis of size %d"
                .formatted(values[i], i, size));
      }
    }
  }

  private static Tensor select(Tensor x, Tensor indices) {
    Shape shape = x.shape().withSize(0, indices.numel());
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    x.backend().gatherRows(x.buffer(), rowLength(x.shape()), indices.buffer(), y.buffer());
    long size = x.size(0);
    return Tape.record(
        "IndexSelect", y, new Tensor[] {x}, saver -> new Gradient(saver.save(indices), size));
  }

  private record Gradient(SavedTensor indices, long size) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(add(g, indices.get(), size));
    }
  }

  /**
   * Zeros of {@code size} rows to which row i of {@code x} is added at {@code indices[i]}: what
   * undoes a selection.
   */
  static Tensor add(Tensor x, Tensor indices, long size) {
    if (!x.dtype().isFloatingPoint()) {
      throw new AutogradException("index_add: expected a floating point dtype, got " + x.dtype());
    }
    Tensor y = Tensor.zeros(x.shape().withSize(0, size), x.dtype(), x.backend());
    x.backend().scatterAddRows(x.buffer(), rowLength(x.shape()), indices.buffer(), y.buffer());
    return Tape.record(
        "IndexAdd", y, new Tensor[] {x}, saver -> new AddGradient(saver.save(indices)));
  }

  private record AddGradient(SavedTensor indices) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(select(g, indices.get()));
    }
  }

  private static long rowLength(Shape shape) {
    return Arrays.stream(shape.dims()).skip(1).reduce(1, (a, b) -> a * b);
  }
}
