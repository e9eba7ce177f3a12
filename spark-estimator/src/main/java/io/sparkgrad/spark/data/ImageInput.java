// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Images as Spark's image source gives them, with 8 bits per channel. */
final class ImageInput implements InputReader {
  private static final long serialVersionUID = 1L;

  private static final StructType SCHEMA = ImageSchema.columnSchema();
  private static final int ORIGIN = 0;
  private static final int HEIGHT = 1;
  private static final int WIDTH = 2;
  private static final int MODE = 4;
  private static final int DATA = 5;

  /** OpenCV's numbers: the kind of value in the lowest three bits, the channels less one above. */
  private static final List<String> VALUE_KINDS =
      List.of("8U", "8S", "16U", "16S", "32S", "32F", "64F", "16F");

  private final InputColumn column;
  private final int ordinal;

  ImageInput(InputColumn column, int ordinal) {
    this.column = column;
    this.ordinal = ordinal;
  }

  /** Whether this is the type of an image. */
  static boolean reads(DataType type) {
    return type instanceof StructType struct && fields(struct).equals(fields(SCHEMA));
  }

  private static List<String> fields(StructType struct) {
    return Arrays.stream(struct.fields()).map(ImageInput::nameAndType).toList();
  }

  private static String nameAndType(StructField field) {
    return field.name() + " " + field.dataType().catalogString();
  }

  @Override
  public void read(SpecializedGetters row, Object where, ByteBuffer target) {
    column.checkPresent(row, ordinal, where);
    InternalRow image = row.getStruct(ordinal, SCHEMA.length());
    String place = image.isNullAt(ORIGIN) ? "" : " (" + image.getUTF8String(ORIGIN) + ")";
    pixels(image, where + place).put(column, where + place, target);
  }

  private Pixels pixels(InternalRow image, Object where) {
    int mode = image.getInt(MODE);
    int channels = (mode >> 3) + 1;
    if ((mode & 7) != 0 || mode < 0 || channels == 2 || channels > 4) {
      throw new InputException(
          "Column %s must hold images of mode CV_8UC1, CV_8UC3 or CV_8UC4 (8 bits per channel) but holds one of mode %s in %s; convert it before."
              .formatted(column.name(), name(mode), where));
    }
    return new Pixels(image.getInt(HEIGHT), image.getInt(WIDTH), channels, image.getBinary(DATA));
  }

  private static String name(int mode) {
    return mode < 0
        ? "undefined (%d)".formatted(mode)
        : "CV_%sC%d".formatted(VALUE_KINDS.get(mode & 7), (mode >> 3) + 1);
  }
}
