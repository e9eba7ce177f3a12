// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import io.sparkgrad.autograd.Tensor;
import java.util.List;
import java.util.function.Supplier;

/** A worker's rows, to be taken in any order, as often as wanted. */
public interface Rows {
  int size();

  /**
   * The rows {@code order[from]…order[to-1]} as one batch; its tensors belong to the open scope.
   */
  Batch batch(int[] order, int from, int to);

  /**
   * Reads the same rows, as far as that needs no device; in any thread, but one call at a time.
   *
   * @return makes the batch, once, in the thread that computes
   */
  default Supplier<Batch> read(int[] order, int from, int to) {
    return () -> batch(order, from, to);
  }

  /** The inputs of one row of zeros, for a worker that has none to take; in the open scope. */
  List<Tensor> zeros();
}
