// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.finetune;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * OpenCV's sheet of handwritten digits: 5,000 cells of 20×20 grey pixels, white on black, 500 of
 * each digit in row-major order.
 */
final class DigitSheet {
  static final int CELL = 20;
  private static final int COLUMNS = 100;
  private static final int PER_CLASS = 500;
  private static final int PARTITIONS = 8; // a task then carries a quarter of a megabyte
  private static final int GREY = 0; // OpenCV's CV_8UC1, as Spark's image source writes it

  private DigitSheet() {}

  /**
   * One row per cell: {@code image}, a struct as Spark's image source makes, and {@code label}.
   *
   * @throws IllegalArgumentException if the file is not there or is not the sheet
   */
  static Dataset<Row> read(SparkSession spark, Path file) {
    StructType schema =
        new StructType()
            .add("image", ImageSchema.columnSchema(), false)
            .add("label", DataTypes.IntegerType, false);
    JavaSparkContext sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return spark.createDataFrame(sc.parallelize(cells(file), PARTITIONS), schema);
  }

  private static List<Row> cells(Path file) {
    BufferedImage sheet = open(file);
    List<Row> rows = new ArrayList<>();
    for (int cell = 0; cell < 10 * PER_CLASS; cell++) {
      int left = cell % COLUMNS * CELL;
      int top = cell / COLUMNS * CELL;
      byte[] pixels = new byte[CELL * CELL];
      sheet.getRaster().getDataElements(left, top, CELL, CELL, pixels);
      Row image = RowFactory.create(file.getFileName() + "#" + cell, CELL, CELL, 1, GREY, pixels);
      rows.add(RowFactory.create(image, cell / PER_CLASS));
    }
    return rows;
  }

  private static BufferedImage open(Path file) {
    BufferedImage sheet;
    try {
      sheet = Files.isRegularFile(file) ? ImageIO.read(file.toFile()) : null;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    int height = 10 * PER_CLASS / COLUMNS * CELL;
    if (sheet == null
        || sheet.getType() != BufferedImage.TYPE_BYTE_GRAY
        || sheet.getWidth() != COLUMNS * CELL
        || sheet.getHeight() != height) {
      throw new IllegalArgumentException(
          "%s: expected the sheet of digits, a grey image of %d×%d pixels; is --data the folder examples/data?"
              .formatted(file, COLUMNS * CELL, height));
    }
    return sheet;
  }
}
