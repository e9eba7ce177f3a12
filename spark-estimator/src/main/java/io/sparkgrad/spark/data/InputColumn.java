// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** A column that gives a whole input, and what is wrong with some of its rows. */
record InputColumn(String name, InputSpec spec) implements Serializable {
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

  /** Appends the values if all are finite. */
  void put(float[] values, Object where, ByteBuffer target) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw notFinite(values[i], i, where);
      }
    }
    target.asFloatBuffer().put(values);
    target.position(target.position() + values.length * Float.BYTES);
  }

  private InputException notFinite(float value, int i, Object where) {
    return new InputException(
        "Vector values MUST NOT be NaN or Infinity, but column %s holds %s as value %d of %s; fill or drop such rows."
            .formatted(name, Float.isNaN(value) ? "NaN" : "an infinity (in float32)", i, where));
  }
}
