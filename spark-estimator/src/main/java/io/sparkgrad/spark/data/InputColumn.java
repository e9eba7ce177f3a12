// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** A column that gives a whole input, and what is wrong with some of its rows. */
record InputColumn(String name, InputSpec spec) implements Serializable {
  /** Of two floats side by side. */
  private static final long EXPONENTS = 0x7f80_0000_7f80_0000L;

  private static final long EXPONENT_UNITS = 0x0080_0000_0080_0000L;
  private static final long SIGNS = 0x8000_0000_8000_0000L;

  void checkPresent(SpecializedGetters row, int ordinal, Object where) {
    if (row.isNullAt(ordinal)) {
      throw new InputException(
          "Vectors MUST NOT be Null, but column %s is null in %s.".formatted(name, where));
    }
  }

  void checkLength(int actual, Object where) {
    if (actual != spec.length()) {
      throw new InputException(
          "Column %s must have %d values in every row (inputShape %s) but has %d in %s."
              .formatted(name, spec.length(), spec.shape(), actual, where));
    }
  }

  /** Appends the values, which must be finite. */
  void put(float[] values, Object where, ByteBuffer target) {
    int start = target.position();
    target.asFloatBuffer().put(values);
    target.position(start + values.length * Float.BYTES);
    checkFinite(where, target, start);
  }

  /**
   * Checks the floats from {@code start} on. Two at a time: where all bits of an exponent are set,
   * one more carries into the place of the sign. Float by float it takes longer than reading them.
   */
  void checkFinite(Object where, ByteBuffer target, int start) {
    int end = target.position();
    long carries = 0;
    int at = start;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      carries |= (target.getLong(at) & EXPONENTS) + EXPONENT_UNITS;
    }
    if ((carries & SIGNS) != 0 || (at < end && !Float.isFinite(target.getFloat(at)))) {
      int i = 0;
      while (Float.isFinite(target.getFloat(start + i * Float.BYTES))) {
        i++;
      }
      throw notFinite(target.getFloat(start + i * Float.BYTES), i, where);
    }
  }

  private InputException notFinite(float value, int i, Object where) {
    return new InputException(
        "Vector values MUST NOT be NaN or Infinity, but column %s holds %s as value %d of %s; fill or drop such rows."
            .formatted(name, Float.isNaN(value) ? "NaN" : "an infinity (in float32)", i, where));
  }
}
