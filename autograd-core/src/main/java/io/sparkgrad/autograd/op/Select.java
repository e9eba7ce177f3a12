// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;

/**
 * One entry of an axis, which disappears. A copy: a write to it does not reach the tensor it is
 * taken from.
 */
public final class Select {
  private Select() {}

  /** A negative index counts from the end. */
  public static Tensor of(Tensor x, int axis, long index) {
    int a = x.shape().axis(axis);
    long size = x.size(a);
    if (index < -size || index >= size) {
      throw new IndexOutOfBoundsException(
          "select: expected an index in [-%d, %d) for axis %d of shape %s, got %d"
              .formatted(size, size, axis, x.shape(), index));
    }
    Tensor entry = Slice.of(x, a, index < 0 ? index + size : index, 1);
    return Reshape.fresh(entry, x.shape().reduced(x.shape().axisMask(a), false).dims());
  }
}
