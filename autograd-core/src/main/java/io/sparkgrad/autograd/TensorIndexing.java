// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.autograd.op.Slice;

/**
 * What picks, places and arranges elements of a tensor, a line each; the part of {@link
 * TensorOperations} that does not calculate.
 */
public abstract sealed class TensorIndexing extends ReductionOperations permits TensorOperations {
  /** {@code x[start:stop:step]} along an axis; negative positions count from the end. */
  public final Tensor slice(int axis, long start, long stop, long step) {
    return Slice.of(self(), axis, start, stop, step);
  }
}
