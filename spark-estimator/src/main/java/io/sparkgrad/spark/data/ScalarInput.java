// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.StructField;

/** Columns of numbers, which together are one vector. */
final class ScalarInput implements InputReader {
  private static final long serialVersionUID = 1L;

  private final InputSpec spec;
  private final int[] ordinals;
  private final NumberReader[] numbers;

  ScalarInput(InputSpec spec, int[] ordinals, List<StructField> fields) {
    this.spec = spec;
    this.ordinals = ordinals;
    this.numbers =
        fields.stream().map(f -> NumberReader.of(f.dataType())).toArray(NumberReader[]::new);
  }

  @Override
  public void read(SpecializedGetters row, Object where, ByteBuffer target) {
    for (int i = 0; i < ordinals.length; i++) {
      if (row.isNullAt(ordinals[i])) {
        throw new InputException(
            "Vectors MUST NOT be Null, but column %s is null in %s."
                .formatted(spec.columns().get(i), where));
      }
      double value = numbers[i].read(row, ordinals[i]);
      if (spec.element() == Element.INT64) {
        target.putLong((long) value);
      } else if (Float.isFinite((float) value)) {
        target.putFloat((float) value);
      } else {
        throw new InputException(
            "Vector values MUST NOT be NaN or Infinity, but column %s holds %s in %s; fill or drop such rows."
                .formatted(spec.columns().get(i), value, where));
      }
    }
  }
}
