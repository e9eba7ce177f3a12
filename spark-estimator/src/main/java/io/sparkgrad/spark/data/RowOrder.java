// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Restores the order of rows that were stored as they came. They come partition by partition, the
 * partitions in any order, but within each in theirs; so a few runs say it all.
 */
final class RowOrder {
  /** Rows of one partition that came one after the other and lie so, from {@link #slot} on. */
  private static final class Run {
    private final long first;
    private final int slot;
    private long last;
    private int length;
    private int index;

    Run(long first, int slot) {
      this.first = first;
      this.slot = slot;
      this.last = first;
    }
  }

  private final List<Run> runs = new ArrayList<>();
  private int size;

  /** Says that the next row comes from this place, a {@link RowPlace#key}. */
  void append(long place) {
    Run run = runs.isEmpty() ? null : runs.get(runs.size() - 1);
    if (run == null
        || place <= run.last
        || RowPlace.partition(place) != RowPlace.partition(run.last)) {
      run = new Run(place, size);
      runs.add(run);
    }
    run.last = place;
    run.length++;
    size = Math.incrementExact(size);
  }

  int size() {
    return size;
  }

  /** Says that all rows have come. */
  void seal() {
    runs.sort(Comparator.comparingLong(run -> run.first));
    int index = 0;
    long last = -1;
    for (Run run : runs) {
      if (run.first <= last) {
        throw new IllegalStateException(
            "rows: two of partition %d came in each other's place"
                .formatted(RowPlace.partition(last)));
      }
      last = run.last;
      run.index = index;
      index += run.length;
    }
  }

  /** Where the row of this index lies. */
  int slot(int index) {
    int low = 0;
    int high = runs.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (runs.get(middle).index <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    Run run = runs.get(low);
    return run.slot + index - run.index;
  }
}
