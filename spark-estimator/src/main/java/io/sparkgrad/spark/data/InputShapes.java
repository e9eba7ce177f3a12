// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.apache.spark.sql.functions.col;

import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.collection.Seq;

/** The shape of an input where nobody has set it. */
public final class InputShapes {
  private InputShapes() {}

  /**
   * As the first row has it: the length of a Vector or an array, height and width of an image with
   * one channel if it is gray and three if not; of several columns how many they are.
   *
   * @throws InputException if there is no row, or it holds nothing in this column
   */
  public static List<Long> ofFirstRow(Dataset<?> dataset, List<String> columns) {
    if (columns.size() > 1) {
      return List.of((long) columns.size());
    }
    String column = columns.get(0);
    List<Row> first = dataset.select(col(InputColumns.quoted(column))).takeAsList(1);
    if (first.isEmpty()) {
      throw new InputException("The DataFrame has no rows to train on.");
    }
    return ofValue(first.get(0).get(0), column);
  }

  private static List<Long> ofValue(@Nullable Object value, String column) {
    if (value == null) {
      throw new InputException(
          "Vectors MUST NOT be Null, but column %s is null in the first row.".formatted(column));
    } else if (value instanceof Vector vector) {
      return List.of((long) vector.size());
    } else if (value instanceof Seq<?> array) {
      return List.of((long) array.length());
    } else if (value instanceof Row image) {
      int channels = image.<Integer>getAs("nChannels") == 1 ? 1 : 3;
      return shape(channels, image.<Integer>getAs("height"), image.<Integer>getAs("width"));
    } else if (value instanceof byte[] file) {
      return EncodedImageInput.shape(file, column);
    }
    return List.of(1L);
  }

  static List<Long> shape(int channels, int height, int width) {
    return List.of((long) channels, (long) height, (long) width);
  }
}
