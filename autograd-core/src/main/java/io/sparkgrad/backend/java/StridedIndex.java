// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.shape.Shape;

/**
 * Walks a shape in row-major order and keeps the positions in two buffers that have strides of
 * their own.
 */
final class StridedIndex {
  private final int[] dims;
  private final int[] firstStrides;
  private final int[] secondStrides;
  private final int[] counter;
  private int first;
  private int second;

  StridedIndex(Shape shape, long[] firstStrides, long[] secondStrides) {
    int rank = shape.rank();
    this.dims = new int[rank];
    this.firstStrides = new int[rank];
    this.secondStrides = new int[rank];
    this.counter = new int[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = (int) shape.size(i);
      this.firstStrides[i] = (int) firstStrides[i];
      this.secondStrides[i] = (int) secondStrides[i];
    }
  }

  StridedIndex startingAt(long firstOffset, long secondOffset) {
    first = (int) firstOffset;
    second = (int) secondOffset;
    return this;
  }

  int first() {
    return first;
  }

  int second() {
    return second;
  }

  void advance() {
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      first += firstStrides[axis];
      second += secondStrides[axis];
      if (++counter[axis] < dims[axis]) {
        return;
      }
      first -= firstStrides[axis] * dims[axis];
      second -= secondStrides[axis] * dims[axis];
      counter[axis] = 0;
    }
  }
}
