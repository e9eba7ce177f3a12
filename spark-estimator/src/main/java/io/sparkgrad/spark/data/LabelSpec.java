// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * What each row is to be learned as. Crosses to the executors inside closures.
 *
 * @param size for classes how many there are, for values how many numbers each row has
 */
public record LabelSpec(String column, Kind kind, int size) implements Serializable {
  /** What a label says. */
  public enum Kind {
    /** The number of a class, from 0. */
    CLASS,
    /** Any finite numbers. */
    VALUES
  }

  /**
   * The number of a class in each row, of any numeric type.
   *
   * @throws InputException if the column is missing or not numeric
   */
  public static LabelSpec classes(StructType schema, String column, int classes) {
    InputColumns.checkNumeric(schema, "labelCol", column);
    return new LabelSpec(column, Kind.CLASS, classes);
  }

  /**
   * As many numbers in each row as the network puts out: a Vector or an array of any numeric type,
   * or for a single one a number.
   *
   * @throws InputException if the column is missing or of another type
   */
  public static LabelSpec values(StructType schema, String column, int outputs) {
    checkValues(schema, column);
    DataType type = InputColumns.type(schema, "labelCol", column);
    if (outputs != 1 && type instanceof NumericType) {
      throw new InputException(
          "Column %s must be a Vector or an array of numbers, as the network has %d outputs, but was actually of type %s."
              .formatted(column, outputs, type.catalogString()));
    }
    return new LabelSpec(column, Kind.VALUES, outputs);
  }

  /**
   * Throws unless the column holds a number, a Vector or an array of numbers.
   *
   * @throws InputException if the column is missing or of another type
   */
  public static void checkValues(StructType schema, String column) {
    DataType type = InputColumns.type(schema, "labelCol", column);
    boolean several =
        type.equals(SQLDataTypes.VectorType())
            || (type instanceof ArrayType array && array.elementType() instanceof NumericType);
    if (!several) {
      InputColumns.checkNumeric(schema, "labelCol", column);
    }
  }

  /** Whether the column holds a number and not several. */
  public static boolean isNumber(StructType schema, String column) {
    return InputColumns.type(schema, "labelCol", column) instanceof NumericType;
  }

  /** How many numbers each row has. */
  public int length() {
    return kind == Kind.CLASS ? 1 : size;
  }

  /** Throws in Spark's words if a row has no such label. */
  void check(double label, Object where) {
    if (Double.isNaN(label)) {
      throw nullOrNaN("holds NaN", where);
    }
    if (kind == Kind.VALUES && Double.isInfinite(label)) {
      throw wrong("Labels MUST NOT be Infinity", label, where);
    }
    if (kind == Kind.CLASS) {
      checkClass(label, where);
    }
  }

  private void checkClass(double label, Object where) {
    if (size == 2 && label != 0 && label != 1) {
      throw wrong("Labels MUST be in {0, 1}", label, where);
    }
    if (label < 0 || label >= size) {
      throw wrong("Labels MUST be in [0, %d)".formatted(size), label, where);
    }
    if (label != Math.rint(label)) {
      throw wrong("Labels MUST be Integers", label, where);
    }
  }

  InputException nullOrNaN(String what, Object where) {
    return new InputException(
        "Labels MUST NOT be Null or NaN, but column %s %s in %s.".formatted(column, what, where));
  }

  private InputException wrong(String rule, double label, Object where) {
    return new InputException(
        "%s, but column %s holds %s in %s.".formatted(rule, column, label, where));
  }
}
