// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.Rows;
import java.util.List;

/** Tells a clock of the time that goes into reading rows. */
record TimedRows(Rows rows, PhaseClock clock) implements Rows {
  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public Batch batch(int[] order, int from, int to) {
    PhaseClock.Phase before = clock.enter(PhaseClock.Phase.WAITING);
    Batch batch = rows.batch(order, from, to);
    clock.enter(before);
    return batch;
  }

  @Override
  public List<Tensor> zeros() {
    return rows.zeros();
  }
}
