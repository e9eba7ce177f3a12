// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** Vectors; what a sparse one leaves out is 0. */
final class VectorInput implements InputReader {
  private static final long serialVersionUID = 1L;

  /** Fields of a vector in Catalyst: whether it is dense, and then for a sparse one the others. */
  private static final int FIELDS = 4;

  private static final int TYPE = 0;
  private static final int SIZE = 1;
  private static final int INDICES = 2;
  private static final int VALUES = 3;
  private static final byte DENSE = 1;

  private final InputColumn column;
  private final int ordinal;

  VectorInput(InputColumn column, int ordinal) {
    this.column = column;
    this.ordinal = ordinal;
  }

  @Override
  public void read(SpecializedGetters row, Object where, ByteBuffer target) {
    column.checkPresent(row, ordinal, where);
    InternalRow vector = row.getStruct(ordinal, FIELDS);
    double[] values = vector.getArray(VALUES).toDoubleArray();
    if (vector.getByte(TYPE) == DENSE) {
      putDense(column, values, where, target);
    } else {
      int[] indices = vector.getArray(INDICES).toIntArray();
      putSparse(column, vector.getInt(SIZE), indices, values, where, target);
    }
  }

  /** Appends the values of a vector that is no part of a row. */
  static void put(InputColumn column, Vector vector, Object where, ByteBuffer target) {
    if (vector instanceof SparseVector sparse) {
      putSparse(column, sparse.size(), sparse.indices(), sparse.values(), where, target);
    } else {
      putDense(column, vector.toArray(), where, target);
    }
  }

  private static void putDense(
      InputColumn column, double[] values, Object where, ByteBuffer target) {
    column.checkLength(values.length, where);
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    column.put(floats, where, target);
  }

  private static void putSparse(
      InputColumn column,
      int size,
      int[] indices,
      double[] values,
      Object where,
      ByteBuffer target) {
    column.checkLength(size, where);
    float[] floats = new float[size];
    for (int i = 0; i < indices.length; i++) {
      floats[indices[i]] = (float) values[i];
    }
    column.put(floats, where, target);
  }
}
