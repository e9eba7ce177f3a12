// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import org.apache.spark.sql.catalyst.InternalRow;

/** What is done with the rows of a partition, a batch at a time: read some, compute, write each. */
interface BatchWork {
  /**
   * Takes what it needs of a row, whose memory is used again afterwards, into the next batch.
   *
   * @param where names the row in messages, by its {@code toString}
   */
  void read(InternalRow row, Object where);

  /** Computes what is to be written for the rows that were read; the next one begins a batch. */
  void compute();

  /** Sets the added fields of a row of the batch that was computed last, by its place in it. */
  void write(int index, InternalRow added);
}
