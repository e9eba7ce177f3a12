// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

/** A place in a DataFrame, which moves on from row to row of a partition. */
final class RowPlace {
  /** Leaves 2²³ partitions and 2⁴⁰ rows in each. */
  private static final int ROW_BITS = 40;

  private final int partition;
  private long row = -1;

  /** Before the first row. */
  RowPlace(int partition) {
    this.partition = partition;
  }

  void advance() {
    row++;
  }

  /** Orders the rows by partition, and by their order there. */
  long key() {
    return ((long) partition << ROW_BITS) | row;
  }

  /** The partition of a {@link #key()}. */
  static int partition(long key) {
    return (int) (key >>> ROW_BITS);
  }

  @Override
  public String toString() {
    return "row " + row + " of partition " + partition;
  }
}
