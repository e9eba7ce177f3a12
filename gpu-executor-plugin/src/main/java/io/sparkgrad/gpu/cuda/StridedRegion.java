// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A region whose elements stand in two buffers, each with strides of its own, with as few axes as
 * say the same: axes of one element are left out, and neighbours that both buffers walk in one go
 * become one. {@code Strided} in {@code strided.cuh} is what kernels see of it.
 */
final class StridedRegion {
  /** As many as kernels take, after neighbours have become one. */
  private static final int RANK = 8;

  private final int[] dims = new int[RANK];
  private final int[] first = new int[RANK];
  private final int[] second = new int[RANK];
  private final int count;
  private int rank;

  /**
   * A region of at least one element.
   *
   * @throws BackendException if it has 2³¹ elements or more, spans as many of a buffer, or has too
   *     many axes
   */
  StridedRegion(Shape shape, long[] firstStrides, long[] secondStrides) {
    if (shape.numel() > Integer.MAX_VALUE) {
      throw new BackendException(
          "cuda backend: expected fewer than 2147483648 elements in an operation with strides, got shape %s; split the tensor"
              .formatted(shape));
    }
    checkSpan(shape, firstStrides);
    checkSpan(shape, secondStrides);
    count = (int) shape.numel();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.size(axis) > 1) {
        append(shape, (int) shape.size(axis), (int) firstStrides[axis], (int) secondStrides[axis]);
      }
    }
  }

  /** Kernels count places in 32 bits. */
  private static void checkSpan(Shape shape, long[] strides) {
    long span = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.size(axis) > 1) {
        span += Math.abs(strides[axis]) * (shape.size(axis) - 1);
      }
    }
    if (span >= Integer.MAX_VALUE) {
      throw new BackendException(
          "cuda backend: expected an operation with strides to span fewer than 2147483648 elements of a buffer, got shape %s with strides %s; split the tensor"
              .formatted(shape, Arrays.toString(strides)));
    }
  }

  private void append(Shape shape, int size, int a, int b) {
    if (rank > 0 && first[rank - 1] == a * size && second[rank - 1] == b * size) {
      dims[rank - 1] *= size;
      first[rank - 1] = a;
      second[rank - 1] = b;
      return;
    }
    if (rank == RANK) {
      throw new BackendException(
          "cuda backend: expected at most %d axes that cannot be joined, got shape %s; make the tensor dense with copy()"
              .formatted(RANK, shape));
    }
    dims[rank] = size;
    first[rank] = a;
    second[rank] = b;
    rank++;
  }

  int count() {
    return count;
  }

  /** Whether both buffers are walked from one element to the next. */
  boolean isDense() {
    return rank == 0 || (rank == 1 && first[0] == 1 && second[0] == 1);
  }

  /**
   * Whether each matrix of a row of dense matrices is transposed.
   *
   * @return matrices, rows and columns as the first buffer has them; null if it is something else
   */
  int @Nullable [] transposition() {
    int at = rank - 2;
    if (rank != 2 && rank != 3) {
      return null;
    }
    int rows = dims[at + 1];
    int columns = dims[at];
    boolean matrices = rank == 2 || (first[0] == rows * columns && second[0] == rows * columns);
    boolean swapped =
        first[at] == 1 && first[at + 1] == columns && second[at] == rows && second[at + 1] == 1;
    return matrices && swapped ? new int[] {rank == 2 ? 1 : dims[0], rows, columns} : null;
  }

  /** Appends what a kernel takes as {@code Strided}. */
  KernelCall appendTo(KernelCall call) {
    return call.integers(rank, count).integers(dims).integers(first).integers(second);
  }
}
