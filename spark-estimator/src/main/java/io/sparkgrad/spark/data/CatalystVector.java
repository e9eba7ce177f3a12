// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.jspecify.annotations.Nullable;

/**
 * A Vector as Catalyst holds it: whether it is dense, for a sparse one size and indices, values.
 */
final class CatalystVector {
  private static final int TYPE = 0;
  private static final int SIZE = 1;
  private static final int INDICES = 2;
  private static final int VALUES = 3;
  private static final byte DENSE = 1;

  private CatalystVector() {}

  /** The values of a dense one that is not null, where Spark holds it as bytes; null otherwise. */
  static @Nullable UnsafeArrayData denseBytes(SpecializedGetters row, int ordinal) {
    InternalRow vector = row.getStruct(ordinal, VALUES + 1);
    return vector.getByte(TYPE) == DENSE
            && vector.getArray(VALUES) instanceof UnsafeArrayData unsafe
        ? unsafe
        : null;
  }

  /** All values of one that is not null, those that a sparse one leaves out as 0. */
  static double[] toArray(SpecializedGetters row, int ordinal) {
    InternalRow vector = row.getStruct(ordinal, VALUES + 1);
    double[] values = vector.getArray(VALUES).toDoubleArray();
    if (vector.getByte(TYPE) == DENSE) {
      return values;
    }
    int[] indices = vector.getArray(INDICES).toIntArray();
    double[] dense = new double[vector.getInt(SIZE)];
    for (int i = 0; i < indices.length; i++) {
      dense[indices[i]] = values[i];
    }
    return dense;
  }
}
