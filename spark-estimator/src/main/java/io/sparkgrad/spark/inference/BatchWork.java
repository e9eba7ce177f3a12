// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.util.function.Supplier;
import org.apache.spark.sql.catalyst.InternalRow;

/** What is done with the rows of a partition, a batch at a time: read some, compute, write each. */
interface BatchWork {
  /**
   * Takes what it needs of a row, whose memory is used again afterwards, into the next batch.
   *
   * @param where names the row in messages, by its {@code toString}
   */
  void read(InternalRow row, Object where);

  /**
   * Begins to compute what is to be written for the rows that were read; the next one begins a
   * batch.
   *
   * @return waits for it
   */
  Supplier<Results> compute();

  /**
   * Whether a device computes by itself what was begun: it stands still unless it has the next
   * batch by the time that the results of this one are awaited.
   */
  boolean computesByItself();

  /** What was computed for a batch. */
  @FunctionalInterface
  interface Results {
    /** Sets the added fields of a row of the batch, by its place in it. */
    void write(int index, InternalRow added);
  }
}
