// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;

/**
 * The rows of one batch, in memory that the next one uses again: with new memory for each row, most
 * of the time went into clearing it and into the misses of the cache.
 */
final class RowMemory {
  private static final int FIRST = 1 << 16;
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  /** Filled one after the other; when it is full, the rows in it keep it and a larger one comes. */
  private byte[] memory = new byte[FIRST];

  private int used;
  private final List<UnsafeRow> rows = new ArrayList<>();
  private int size;

  int size() {
    return size;
  }

  /** Valid until {@link #clear}. */
  UnsafeRow get(int index) {
    return rows.get(index);
  }

  void add(UnsafeRow row) {
    int bytes = row.getSizeInBytes();
    if (bytes > memory.length - used) {
      memory = new byte[(int) Math.min(LARGEST, Math.max(bytes, 2L * memory.length))];
      used = 0;
    }
    Platform.copyMemory(
        row.getBaseObject(), row.getBaseOffset(), memory, Platform.BYTE_ARRAY_OFFSET + used, bytes);
    if (size == rows.size()) {
      rows.add(new UnsafeRow(row.numFields()));
    }
    rows.get(size++).pointTo(memory, Platform.BYTE_ARRAY_OFFSET + used, bytes);
    used += bytes;
  }

  void clear() {
    size = 0;
    used = 0;
  }
}
