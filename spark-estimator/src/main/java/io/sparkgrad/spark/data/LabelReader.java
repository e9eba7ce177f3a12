// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Reads the label of Catalyst's rows. */
final class LabelReader implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Reads all numbers of a row; null among them as NaN. */
  private interface Values extends Serializable {
    double[] of(SpecializedGetters row, int ordinal);
  }

  private final LabelSpec spec;
  private final int ordinal;
  private final Values values;

  LabelReader(LabelSpec spec, StructType schema) {
    this.spec = spec;
    this.ordinal = schema.fieldIndex(spec.column());
    this.values = values(schema.fields()[ordinal].dataType());
  }

  private static Values values(DataType type) {
    if (type.equals(SQLDataTypes.VectorType())) {
      return CatalystVector::toArray;
    } else if (type instanceof ArrayType array) {
      NumberReader numbers = NumberReader.of(array.elementType());
      return (row, ordinal) -> numbers(row.getArray(ordinal), numbers);
    }
    NumberReader number = NumberReader.of(type);
    return (row, ordinal) -> new double[] {number.read(row, ordinal)};
  }

  private static double[] numbers(ArrayData array, NumberReader numbers) {
    double[] values = new double[array.numElements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.isNullAt(i) ? Double.NaN : numbers.read(array, i);
    }
    return values;
  }

  /**
   * Appends the row's numbers as float64.
   *
   * @throws InputException if the row has no label that can be learned
   */
  void read(SpecializedGetters row, Object where, ByteBuffer target) {
    if (row.isNullAt(ordinal)) {
      throw spec.nullOrNaN("is null", where);
    }
    double[] labels = values.of(row, ordinal);
    if (labels.length != spec.length()) {
      throw new InputException(
          "Column %s must have %d values in every row, one for each output of the network, but has %d in %s."
              .formatted(spec.column(), spec.length(), labels.length, where));
    }
    for (double label : labels) {
      spec.check(label, where);
      target.putDouble(label);
    }
  }
}
