// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;

/** Arrays of any numeric type. */
final class ArrayInput implements InputReader {
  private static final long serialVersionUID = 1L;

  private final InputColumn column;
  private final int ordinal;
  private final ArrayType type;
  private final NumberReader numbers;

  ArrayInput(InputColumn column, int ordinal, ArrayType type) {
    this.column = column;
    this.ordinal = ordinal;
    this.type = type;
    this.numbers = NumberReader.of(type.elementType());
  }

  @Override
  public void read(SpecializedGetters row, Object where, ByteBuffer target) {
    column.checkPresent(row, ordinal, where);
    ArrayData array = row.getArray(ordinal);
    int n = array.numElements();
    column.checkLength(n, where);
    for (int i = 0; type.containsNull() && i < n; i++) {
      if (array.isNullAt(i)) {
        throw new InputException(
            "Column %s holds null as value %d of %s; fill or drop such rows."
                .formatted(column.name(), i, where));
      }
    }
    if (column.spec().element() == Element.INT64) {
      for (int i = 0; i < n; i++) {
        target.putLong((long) numbers.read(array, i));
      }
    } else {
      column.put(floats(array), where, target);
    }
  }

  private float[] floats(ArrayData array) {
    if (type.elementType() instanceof FloatType) {
      return array.toFloatArray();
    }
    float[] floats = new float[array.numElements()];
    if (type.elementType() instanceof DoubleType) {
      double[] doubles = array.toDoubleArray(); // one copy instead of a call per value
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) doubles[i];
      }
    } else {
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) numbers.read(array, i);
      }
    }
    return floats;
  }
}
