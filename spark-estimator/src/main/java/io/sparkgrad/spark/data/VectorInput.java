// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.unsafe.Platform;

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
    UnsafeArrayData bytes = CatalystVector.denseBytes(row, ordinal);
    if (bytes != null && target.order() == ByteOrder.nativeOrder()) {
      convert(bytes, where, target);
    } else {
      put(column, CatalystVector.toArray(row, ordinal), where, target);
    }
  }

  /** Without an array in between. */
  private void convert(UnsafeArrayData doubles, Object where, ByteBuffer target) {
    int n = doubles.numElements();
    column.checkLength(n, where);
    int start = target.position();
    target.position(start + n * Float.BYTES); // throws where there is not the room
    Object base = doubles.getBaseObject();
    long from = doubles.getBaseOffset() + UnsafeArrayData.calculateHeaderPortionInBytes((long) n);
    long to = Platform.BYTE_ARRAY_OFFSET + target.arrayOffset() + (long) start;
    byte[] floats = target.array();
    for (int i = 0; i < n; i++) {
      float value = (float) Platform.getDouble(base, from + (long) i * Double.BYTES);
      Platform.putFloat(floats, to + (long) i * Float.BYTES, value);
    }
    column.checkFinite(where, target, start);
  }

  /** Appends the values of a vector, which for tokens have to be whole numbers. */
  static void put(InputColumn column, double[] values, Object where, ByteBuffer target) {
    column.checkLength(values.length, where);
    if (column.spec().element() == Element.INT64) {
      for (double value : values) {
        if (value != Math.rint(value) || Double.isInfinite(value)) {
          throw new InputException(
              "Column %s must hold whole numbers, which the network looks up, but holds %s in %s."
                  .formatted(column.name(), value, where));
        }
        target.putLong((long) value);
      }
      return;
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    column.put(floats, where, target);
  }
}
