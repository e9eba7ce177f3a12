// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.transform;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Images of CIFAR's size with random pixels, the same in every run. A tenth of the rows is there,
 * ten times: cached by Spark, they are still far more than a processor caches, and no generator or
 * file is measured with the network.
 */
final class ImagePool {
  static final int CHANNELS = 3;
  static final int SIDE = 32;
  static final int PIXELS = CHANNELS * SIDE * SIDE;
  static final int TIMES = 10;

  /** How a row holds its image. */
  enum Column {
    ARRAY("array<float>"),
    VECTOR("vector");

    final String label;

    Column(String label) {
      this.label = label;
    }

    private DataType type() {
      return this == ARRAY
          ? DataTypes.createArrayType(DataTypes.FloatType, false)
          : SQLDataTypes.VectorType();
    }

    private Object value(float[] image) {
      return this == ARRAY
          ? image
          : Vectors.dense(IntStream.range(0, PIXELS).mapToDouble(i -> image[i]).toArray());
    }
  }

  private final int images;

  /**
   * @param rows of which a tenth is different
   */
  ImagePool(int rows) {
    this.images = Math.max(1, rows / TIMES);
  }

  int images() {
    return images;
  }

  int rows() {
    return images * TIMES;
  }

  private static float[] image(int id) {
    SplittableRandom random = new SplittableRandom(id);
    float[] image = new float[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      image[i] = (float) random.nextDouble();
    }
    return image;
  }

  /** All images, as the network takes them. */
  List<float[]> batches(int batchSize) {
    List<float[]> batches = new ArrayList<>();
    for (int start = 0; start < images; start += batchSize) {
      float[] batch = new float[Math.min(batchSize, images - start) * PIXELS];
      for (int i = 0; i < batch.length / PIXELS; i++) {
        System.arraycopy(image(start + i), 0, batch, i * PIXELS, PIXELS);
      }
      batches.add(batch);
    }
    return batches;
  }

  /** Each image once, with columns id, features and label, in as many partitions. */
  Dataset<Row> table(SparkSession spark, Column column, int partitions) {
    StructType schema =
        new StructType()
            .add("id", DataTypes.LongType, false)
            .add("features", column.type(), false)
            .add("label", DataTypes.DoubleType, false);
    List<Integer> ids = IntStream.range(0, images).boxed().toList();
    Function<Integer, Row> row =
        id -> RowFactory.create((long) id, column.value(image(id)), (double) (id % 10));
    var rows = JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(ids, partitions);
    return spark.createDataFrame(rows.map(row), schema);
  }

  /** All rows. */
  static Dataset<Row> repeated(Dataset<Row> table) {
    Dataset<Row> all = table;
    for (int i = 1; i < TIMES; i++) {
      all = all.union(table);
    }
    return all;
  }
}
