// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Shape;

/**
 * Entries of one axis, consecutive or every so many. A copy: a write to it does not reach the
 * tensor they are taken from.
 */
public final class Slice {
  private Slice() {}

  public static Tensor of(Tensor x, int axis, long start, long length) {
    int a = x.shape().axis(axis);
    long size = x.size(a);
    long from = start < 0 ? start + size : start;
    if (from < 0 || length < 0 || length > size - from) {
      throw new IndexOutOfBoundsException(
          "narrow: expected a range inside axis %d of shape %s, got start %d and length %d"
              .formatted(axis, x.shape(), start, length));
    }
    Shape shape = x.shape().withSize(a, length);
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    x.backend().copy(shape, x.buffer(), at(x.shape(), a, from), y.buffer(), at(shape, a, 0));
    return Tape.record(
        "Slice", y, new Tensor[] {x}, saver -> (g, needs) -> grads(placed(g, a, from, size)));
  }

  /**
   * {@code x[start:stop:step]} along an axis, as in PyTorch: negative positions count from the end,
   * and the range is cut to what is there.
   */
  public static Tensor of(Tensor x, int axis, long start, long stop, long step) {
    int a = x.shape().axis(axis);
    if (step < 1) {
      throw new IllegalArgumentException("slice: expected a step of 1 or more, got " + step);
    }
    long size = x.size(a);
    long from = clamped(start, size);
    long length = Math.max(0, (clamped(stop, size) - from + step - 1) / step);
    long[] strides = x.shape().strides();
    long offset = from * strides[a];
    strides[a] *= step;
    return Strided.take("Slice", x, x.shape().withSize(a, length), new Layout(offset, strides));
  }

  private static long clamped(long position, long size) {
    return Math.max(0, Math.min(size, position < 0 ? position + size : position));
  }

  /** Zeros with {@code x} at {@code start} of an axis of this size: what undoes a slice. */
  static Tensor placed(Tensor x, int axis, long start, long size) {
    Shape shape = x.shape().withSize(axis, size);
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    x.backend()
        .copy(x.shape(), x.buffer(), at(x.shape(), axis, 0), y.buffer(), at(shape, axis, start));
    long length = x.size(axis);
    return Tape.record(
        "Place", y, new Tensor[] {x}, saver -> (g, needs) -> grads(of(g, axis, start, length)));
  }

  static Layout at(Shape shape, int axis, long start) {
    long[] strides = shape.strides();
    return new Layout(start * strides[axis], strides);
  }
}
