// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.collection.Seq;

/** Reads the features of a row, a Vector or an array of numbers, into float32. */
public final class FeatureReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String column;
  private final int length;

  /**
   * @param column only for messages
   * @param length how many values every row must have
   */
  public FeatureReader(String column, int length) {
    this.column = column;
    this.length = length;
  }

  /**
   * Reads one row's features.
   *
   * @param where names the row in messages
   * @throws InputException if they are missing, of another length, NaN or infinite
   */
  public float[] read(Row row, int index, String where) {
    return read(row.isNullAt(index) ? null : row.get(index), where);
  }

  /** As {@link #read(Row, int, String)}, for the value itself. */
  public float[] read(@Nullable Object value, String where) {
    float[] out = new float[length];
    if (value instanceof Vector v) {
      checkLength(v.size(), where);
      if (v instanceof SparseVector sparse) {
        for (int i = 0; i < sparse.indices().length; i++) {
          out[sparse.indices()[i]] = (float) sparse.values()[i];
        }
      } else {
        double[] values = v.toArray();
        for (int i = 0; i < length; i++) {
          out[i] = (float) values[i];
        }
      }
    } else if (value instanceof Seq<?> values) {
      checkLength(values.length(), where);
      var it = values.iterator();
      for (int i = 0; i < length; i++) {
        out[i] = number(it.next(), i, where);
      }
    } else {
      throw new InputException("Column %s is null in %s.".formatted(column, where));
    }
    for (int i = 0; i < length; i++) {
      if (!Float.isFinite(out[i])) {
        throw new InputException(
            "Column %s holds %s as value %d of %s: features must be finite; fill or drop such rows."
                .formatted(
                    column, Float.isNaN(out[i]) ? "NaN" : "an infinity (in float32)", i, where));
      }
    }
    return out;
  }

  private float number(@Nullable Object value, int i, String where) {
    if (value instanceof Number n) {
      return n.floatValue();
    }
    throw new InputException("Column %s holds null as value %d of %s.".formatted(column, i, where));
  }

  private void checkLength(int actual, String where) {
    if (actual != length) {
      throw new InputException(
          "Column %s must have %d values in every row (the inputShape of the network) but has %d in %s."
              .formatted(column, length, actual, where));
    }
  }
}
