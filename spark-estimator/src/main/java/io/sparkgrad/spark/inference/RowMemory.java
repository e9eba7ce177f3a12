// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one batch. Their arrays and structs, so also their vectors, are in memory that the
 * next batch uses again: with new memory for each row, most of the time went into clearing it and
 * into the misses of the cache.
 */
final class RowMemory {
  private static final int FIRST = 1 << 16;
  private static final int LARGEST = Integer.MAX_VALUE - 8;
  private static final int ALIGNMENT = Long.BYTES;

  private final DataType[] types;

  /** Filled one after the other; when it is full, the rows in it keep it and a larger one comes. */
  private byte[] memory = new byte[FIRST];

  private int used;
  private final List<InternalRow> rows = new ArrayList<>();

  /**
   * @param fields of the rows
   */
  RowMemory(StructType fields) {
    types = Arrays.stream(fields.fields()).map(StructField::dataType).toArray(DataType[]::new);
  }

  int size() {
    return rows.size();
  }

  /** Valid until {@link #clear}. */
  InternalRow get(int index) {
    return rows.get(index);
  }

  /** Copies a row, whose values may stand in memory that is used again for the next one. */
  void add(InternalRow row) {
    @Nullable Object[] values = new Object[types.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.isNullAt(i) ? null : copy(row.get(i, types[i]));
    }
    rows.add(new GenericInternalRow(values));
  }

  private Object copy(Object value) {
    if (value instanceof UnsafeRow struct) {
      UnsafeRow copy = new UnsafeRow(struct.numFields());
      int bytes = struct.getSizeInBytes();
      long at = copy(struct.getBaseObject(), struct.getBaseOffset(), bytes);
      copy.pointTo(memory, at, bytes);
      return copy;
    } else if (value instanceof UnsafeArrayData array) {
      UnsafeArrayData copy = new UnsafeArrayData();
      int bytes = array.getSizeInBytes();
      long at = copy(array.getBaseObject(), array.getBaseOffset(), bytes);
      copy.pointTo(memory, at, bytes);
      return copy;
    }
    return InternalRow.copyValue(value);
  }

  /** Returns the place in {@link #memory}. */
  private long copy(Object base, long offset, int bytes) {
    if (bytes > memory.length - used) {
      memory = new byte[(int) Math.min(LARGEST, Math.max(bytes, 2L * memory.length))];
      used = 0;
    }
    long at = Platform.BYTE_ARRAY_OFFSET + (long) used;
    Platform.copyMemory(base, offset, memory, at, bytes);
    used += Math.min(memory.length - used, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    return at;
  }

  void clear() {
    rows.clear();
    used = 0;
  }
}
