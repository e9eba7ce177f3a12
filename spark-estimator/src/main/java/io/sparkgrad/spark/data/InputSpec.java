// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * One input of a network and where it comes from. Crosses to the executors inside closures.
 *
 * @param columns one, or several of numbers, which make up a vector
 * @param shape of one row
 * @param element how the numbers are kept
 */
public record InputSpec(List<String> columns, List<Long> shape, Element element)
    implements Serializable {
  public InputSpec {
    columns = List.copyOf(columns);
    shape = List.copyOf(shape);
  }

  /**
   * The input that these columns can give.
   *
   * <ul>
   *   <li>a Vector, dense or sparse, or an array of byte, short, int, long, float, double or
   *       decimal: as many values as the shape has
   *   <li>an image as Spark's image source gives it, with 8 bits per channel, or the bytes of a PNG
   *       or JPEG file: the shape is {@code [3, height, width]}, whose channels are red, green and
   *       blue as torchvision has them, or {@code [1, height, width]}, gray; values from 0 to 255
   *   <li>columns of numbers, one value each
   * </ul>
   *
   * @param tokens whether the network looks the numbers up instead of computing with them; then
   *     they have to be integers
   * @throws InputException if a column is missing or of another type, or the shape does not fit
   */
  public static InputSpec of(
      StructType schema, List<String> columns, List<Long> shape, boolean tokens) {
    if (columns.size() > 1) {
      columns.forEach(column -> InputColumns.checkNumeric(schema, "featuresCols", column));
    } else {
      InputColumns.checkFeatures(schema, columns.get(0));
    }
    DataType type = InputColumns.type(schema, "featuresCol", columns.get(0));
    boolean image = InputColumns.isImage(type);
    if (tokens && !mayBeTokens(schema, columns)) {
      throw new InputException(
          "Column %s must hold integers, which the network looks up in an Embedding, but was actually of type %s."
              .formatted(columns.get(0), type.catalogString()));
    }
    Element element = tokens ? Element.INT64 : image ? Element.UINT8 : Element.FLOAT32;
    InputSpec spec = new InputSpec(columns, shape, element);
    spec.checkShape(image);
    return spec;
  }

  /** Whether the columns hold integers, one or an array of them each, which may be tokens. */
  public static boolean mayBeTokens(StructType schema, List<String> columns) {
    return columns.stream()
        .map(column -> InputColumns.type(schema, "featuresCol", column))
        .map(type -> type instanceof ArrayType array ? array.elementType() : type)
        .allMatch(NumberReader::isInteger);
  }

  private void checkShape(boolean image) {
    if (image && (shape.size() != 3 || (shape.get(0) != 3 && shape.get(0) != 1))) {
      throw new InputException(
          "inputShape: expected [3, height, width] or [1, height, width] for the images of column %s, got %s."
              .formatted(columns.get(0), shape));
    }
    if (columns.size() > 1 && length() != columns.size()) {
      throw new InputException(
          "inputShape: expected %d values for the columns %s, got %s."
              .formatted(columns.size(), String.join(", ", columns), shape));
    }
  }

  /** How many numbers one row has. */
  public int length() {
    long length = 1;
    for (long size : shape) { // no stream: this is asked for each row
      length = Math.multiplyExact(length, size);
    }
    return Math.toIntExact(length);
  }

  /** How many bytes one row takes. */
  public int bytes() {
    return Math.multiplyExact(length(), element.bytes());
  }

  /** The shape of so many rows. */
  public long[] batchShape(int rows) {
    long[] batch = new long[shape.size() + 1];
    batch[0] = rows;
    for (int i = 1; i < batch.length; i++) {
      batch[i] = shape.get(i - 1);
    }
    return batch;
  }
}
