// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * What training reads of a row, and how it lies in memory, in files and on the wire, the same for
 * every row of a fit: the weight and the label as float64, then the inputs one after the other,
 * their elements as they are kept; little-endian. Crosses to the executors inside closures.
 *
 * @param weightCol empty if all rows weigh 1
 */
public record RowSpec(
    List<InputSpec> inputs, LabelSpec label, String weightCol, ValidationSplit split)
    implements Serializable {
  public RowSpec {
    inputs = List.copyOf(inputs);
  }

  /**
   * Throws unless the columns of weight and split are there and of their types.
   *
   * @throws InputException in one sentence
   */
  public static void check(StructType schema, String weightCol, ValidationSplit split) {
    if (!weightCol.isEmpty()) {
      InputColumns.checkNumeric(schema, "weightCol", weightCol);
    }
    if (!split.indicatorCol().isEmpty()) {
      DataType type = InputColumns.type(schema, "validationIndicatorCol", split.indicatorCol());
      if (!(type instanceof BooleanType)) {
        throw new InputException(
            "Column %s must be of type boolean (validationIndicatorCol) but was actually of type %s."
                .formatted(split.indicatorCol(), type.catalogString()));
      }
    }
  }

  /** The columns that are read, each once. */
  List<String> columns() {
    Set<String> columns = new LinkedHashSet<>();
    inputs.forEach(input -> columns.addAll(input.columns()));
    columns.add(label.column());
    columns.add(weightCol);
    columns.add(split.indicatorCol());
    columns.remove("");
    return new ArrayList<>(columns);
  }

  /** How many bytes a row takes. */
  int bytes() {
    int bytes = Math.multiplyExact(1 + label.length(), Double.BYTES);
    for (InputSpec input : inputs) {
      bytes = Math.addExact(bytes, input.bytes());
    }
    return bytes;
  }
}
