// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Shape;

/** Consecutive entries of one axis; a copy. */
public final class Slice {
  private Slice() {}

  public static Tensor of(Tensor x, int axis, long start, long length) {
    int a = x.shape().axis(axis);
    long size = x.size(a);
    if (start < 0 || length < 0 || length > size - start) {
      throw new IndexOutOfBoundsException(
          "narrow: expected a range inside axis %d of shape %s, got start %d and length %d"
              .formatted(axis, x.shape(), start, length));
    }
    Shape shape = x.shape().withSize(a, length);
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    x.backend().copy(shape, x.buffer(), at(x.shape(), a, start), y.buffer(), at(shape, a, 0));
    return Tape.record(
        "Slice", y, new Tensor[] {x}, saver -> (g, needs) -> grads(placed(g, a, start, size)));
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
