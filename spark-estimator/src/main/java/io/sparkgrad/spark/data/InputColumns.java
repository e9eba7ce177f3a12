// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Checks the columns a stage reads and writes, and selects those that training reads. */
public final class InputColumns {
  private InputColumns() {}

  /** Throws unless the column is there and of a type that an {@link InputReader} reads. */
  public static void checkFeatures(StructType schema, String column) {
    DataType type = type(schema, "featuresCol", column);
    boolean readable =
        isImage(type)
            || type.equals(SQLDataTypes.VectorType())
            || type instanceof NumericType
            || (type instanceof ArrayType array && array.elementType() instanceof NumericType);
    if (!readable) {
      throw new InputException(
          "Column %s must be a Vector, an array of numbers, an image, the bytes of a PNG or JPEG file, or a number but was actually of type %s."
              .formatted(column, type.catalogString()));
    }
  }

  /** Whether a column of this type holds images, encoded or not. */
  static boolean isImage(DataType type) {
    return type instanceof BinaryType || ImageInput.reads(type);
  }

  /** Throws unless the column is there and numeric. */
  public static void checkNumeric(StructType schema, String param, String column) {
    DataType type = field(schema, param, column).dataType();
    if (!(type instanceof NumericType)) {
      throw new InputException(
          "Column %s must be of type numeric but was actually of type %s."
              .formatted(column, type.catalogString()));
    }
  }

  /** The type of a column that has to be there. */
  static DataType type(StructType schema, String param, String column) {
    return field(schema, param, column).dataType();
  }

  private static StructField field(StructType schema, String param, String column) {
    int index = Arrays.asList(schema.fieldNames()).indexOf(column);
    if (index < 0) {
      throw new InputException(
          "%s: the DataFrame has no column '%s'; it has %s."
              .formatted(param, column, String.join(", ", schema.fieldNames())));
    }
    return schema.fields()[index];
  }

  /**
   * The schema with output columns added; empty names are switched off, and a name that is taken is
   * an error.
   */
  public static StructType append(StructType schema, List<StructField> outputs) {
    StructType result = schema;
    for (StructField output : outputs) {
      if (output.name().isEmpty()) {
        continue;
      }
      if (Arrays.asList(result.fieldNames()).contains(output.name())) {
        throw new InputException(
            "Output column %s already exists; drop it or choose another name."
                .formatted(output.name()));
      }
      result = result.add(output);
    }
    return result;
  }

  /** The column's name, dots and all. */
  static String quoted(String column) {
    return "`" + column.replace("`", "``") + "`";
  }
}
