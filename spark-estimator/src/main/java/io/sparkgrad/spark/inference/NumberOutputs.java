// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.util.List;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;

/** The single number that the network puts out for a row, as a double. */
public final class NumberOutputs implements Outputs {
  private static final long serialVersionUID = 1L;

  private final String column;

  /**
   * @param column empty for none
   */
  public NumberOutputs(String column) {
    this.column = column;
  }

  @Override
  public List<StructField> fields() {
    return column.isEmpty()
        ? List.of()
        : List.of(NumericAttribute.defaultAttr().withName(column).toStructField());
  }

  @Override
  public void write(float[] values, int from, int to, InternalRow row) {
    if (!column.isEmpty()) {
      row.setDouble(0, values[from]);
    }
  }
}
