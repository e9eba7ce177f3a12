// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.unsafe.Platform;

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
    } else if (type.elementType() instanceof FloatType
        && array instanceof UnsafeArrayData unsafe
        && target.order() == ByteOrder.nativeOrder()) {
      copy(unsafe, n, target);
      column.checkFinite(where, target, target.position() - n * Float.BYTES);
    } else {
      column.put(floats(array), where, target);
    }
  }

  /** At once and without an array in between, as Spark holds them. */
  private static void copy(UnsafeArrayData floats, int n, ByteBuffer target) {
    int start = target.position();
    target.position(start + n * Float.BYTES); // throws where there is not the room
    Platform.copyMemory(
        floats.getBaseObject(),
        floats.getBaseOffset() + UnsafeArrayData.calculateHeaderPortionInBytes((long) n),
        target.array(),
        Platform.BYTE_ARRAY_OFFSET + target.arrayOffset() + start,
        (long) n * Float.BYTES);
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
