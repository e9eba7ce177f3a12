// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Turns Catalyst's rows into rows of training. */
final class RowEncoder implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowSpec spec;
  private final List<InputReader> inputs;
  private final LabelReader label;
  private final int weightOrdinal;
  private final @Nullable NumberReader weight;
  private final int indicatorOrdinal;

  RowEncoder(RowSpec spec, StructType schema) {
    this.spec = spec;
    this.inputs = spec.inputs().stream().map(input -> InputReader.of(input, schema)).toList();
    this.label = new LabelReader(spec.label(), schema);
    this.weightOrdinal = spec.weightCol().isEmpty() ? -1 : schema.fieldIndex(spec.weightCol());
    this.weight =
        weightOrdinal < 0 ? null : NumberReader.of(schema.fields()[weightOrdinal].dataType());
    String indicator = spec.split().indicatorCol();
    this.indicatorOrdinal = indicator.isEmpty() ? -1 : schema.fieldIndex(indicator);
  }

  /** The row at this place, which may be reused by its owner afterwards. */
  EncodedRow encode(InternalRow row, RowPlace place) {
    try {
      EncodedRow.Kind kind =
          isValidation(row, place) ? EncodedRow.Kind.VALIDATION : EncodedRow.Kind.TRAINING;
      EncodedRow encoded = EncodedRow.allocate(place.key(), kind, spec.bytes());
      ByteBuffer target = encoded.record();
      target.putDouble(weight(row, place));
      label.read(row, place, target);
      for (InputReader input : inputs) {
        input.read(row, place, target);
      }
      return encoded;
    } catch (InputException e) {
      return EncodedRow.rejected(place.key(), String.valueOf(e.getMessage()));
    }
  }

  private boolean isValidation(InternalRow row, RowPlace place) {
    if (indicatorOrdinal < 0) {
      return spec.split().holdsBack(place.key());
    }
    if (row.isNullAt(indicatorOrdinal)) {
      throw new InputException(
          "Column %s must say of every row whether it is validated on but is null in %s."
              .formatted(spec.split().indicatorCol(), place));
    }
    return row.getBoolean(indicatorOrdinal);
  }

  private double weight(InternalRow row, RowPlace place) {
    if (weight == null) {
      return 1;
    }
    boolean isNull = row.isNullAt(weightOrdinal);
    double value = isNull ? Double.NaN : weight.read(row, weightOrdinal);
    if (Double.isNaN(value)) {
      throw new InputException(
          "Weights MUST NOT be Null or NaN, but column %s %s in %s."
              .formatted(spec.weightCol(), isNull ? "is null" : "holds NaN", place));
    }
    if (value < 0 || Double.isInfinite(value)) {
      throw new InputException(
          "Weights MUST NOT be Negative or Infinity, but column %s holds %s in %s."
              .formatted(spec.weightCol(), value, place));
    }
    return value;
  }
}
