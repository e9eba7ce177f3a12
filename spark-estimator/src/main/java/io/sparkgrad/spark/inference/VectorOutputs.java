// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.util.List;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.UserDefinedType;

/** What the network puts out for a row, flat, as a dense Vector. */
public final class VectorOutputs implements Outputs {
  private static final long serialVersionUID = 1L;

  private final int size;
  private final String column;

  /**
   * @param size how many numbers the network puts out for a row
   * @param column empty for none
   */
  public VectorOutputs(int size, String column) {
    this.size = size;
    this.column = column;
  }

  @Override
  public List<StructField> fields() {
    return column.isEmpty() ? List.of() : List.of(new AttributeGroup(column, size).toStructField());
  }

  @Override
  public void write(float[] values, int from, int to, InternalRow row) {
    if (!column.isEmpty()) {
      row.update(0, serialized(vector(values, from, to)));
    }
  }

  /** One row's output. */
  public static Vector vector(float[] values) {
    return vector(values, 0, values.length);
  }

  static Vector vector(float[] values, int from, int to) {
    double[] vector = new double[to - from];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = values[from + i];
    }
    return Vectors.dense(vector);
  }

  /** As it stands in a row. */
  @SuppressWarnings("unchecked")
  static Object serialized(Vector vector) {
    return ((UserDefinedType<Vector>) SQLDataTypes.VectorType()).serialize(vector);
  }
}
