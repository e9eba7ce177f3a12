// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import io.sparkgrad.autograd.Tensor;
import java.util.List;

/** A worker's rows, to be taken in any order, as often as wanted. */
public interface Rows {
  int size();

  /**
   * The rows {@code order[from]…order[to-1]} as one batch; its tensors belong to the open scope.
   */
  Batch batch(int[] order, int from, int to);

  /** The inputs of one row of zeros, for a worker that has none to take; in the open scope. */
  List<Tensor> zeros();
}
