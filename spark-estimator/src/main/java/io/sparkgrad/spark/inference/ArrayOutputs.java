// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/** What the network puts out for a row, flat, as an {@code array<float>}. */
public final class ArrayOutputs implements Outputs {
  private static final long serialVersionUID = 1L;

  private final String column;

  /**
   * @param column empty for none
   */
  public ArrayOutputs(String column) {
    this.column = column;
  }

  @Override
  public List<StructField> fields() {
    return column.isEmpty()
        ? List.of()
        : List.of(
            new StructField(
                column,
                DataTypes.createArrayType(DataTypes.FloatType, false),
                false,
                Metadata.empty()));
  }

  @Override
  public void write(float[] values, int from, int to, InternalRow row) {
    if (!column.isEmpty()) {
      row.update(0, ArrayData.toArrayData(Arrays.copyOfRange(values, from, to)));
    }
  }
}
