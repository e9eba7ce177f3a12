// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;

/** Reads a number that is not null from a row or an array of Catalyst's. */
@FunctionalInterface
interface NumberReader extends Serializable {
  double read(SpecializedGetters from, int ordinal);

  /** For one of Spark's numeric types. */
  static NumberReader of(DataType type) {
    if (type instanceof DoubleType) {
      return SpecializedGetters::getDouble;
    } else if (type instanceof FloatType) {
      return SpecializedGetters::getFloat;
    } else if (type instanceof LongType) {
      return SpecializedGetters::getLong;
    } else if (type instanceof IntegerType) {
      return SpecializedGetters::getInt;
    } else if (type instanceof ShortType) {
      return SpecializedGetters::getShort;
    } else if (type instanceof ByteType) {
      return SpecializedGetters::getByte;
    } else if (type instanceof DecimalType decimal) {
      int precision = decimal.precision();
      int scale = decimal.scale();
      return (from, ordinal) -> from.getDecimal(ordinal, precision, scale).toDouble();
    }
    throw new IllegalArgumentException("not a numeric type: " + type.catalogString());
  }

  static boolean isInteger(DataType type) {
    return type instanceof LongType
        || type instanceof IntegerType
        || type instanceof ShortType
        || type instanceof ByteType;
  }
}
