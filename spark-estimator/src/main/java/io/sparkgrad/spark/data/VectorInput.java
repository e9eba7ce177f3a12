// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** Vectors; what a sparse one leaves out is 0. */
final class VectorInput implements InputReader {
  private static final long serialVersionUID = 1L;

  private final InputColumn column;
  private final int ordinal;

  VectorInput(InputColumn column, int ordinal) {
    this.column = column;
    this.ordinal = ordinal;
  }

  @Override
  public void read(SpecializedGetters row, Object where, ByteBuffer target) {
    column.checkPresent(row, ordinal, where);
    put(column, CatalystVector.toArray(row, ordinal), where, target);
  }

  /** Appends the values of a vector. */
  static void put(InputColumn column, double[] values, Object where, ByteBuffer target) {
    column.checkLength(values.length, where);
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    column.put(floats, where, target);
  }
}
