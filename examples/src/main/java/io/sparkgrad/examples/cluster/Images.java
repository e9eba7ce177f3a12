// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import io.sparkgrad.autograd.Tensor;
import java.io.Serializable;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Images of CIFAR's size with random pixels and classes, the same in every run. */
final class Images {
  static final int CHANNELS = 3;
  static final int SIDE = 32;
  static final int CLASSES = 10;
  private static final int PIXELS = CHANNELS * SIDE * SIDE;

  private Images() {}

  /** Some images, pixels in row-major order, and their classes. */
  static final class Batch implements Serializable {
    private static final long serialVersionUID = 1L;

    private final float[] pixels;
    private final long[] classes;

    private Batch(float[] pixels, long[] classes) {
      this.pixels = pixels;
      this.classes = classes;
    }

    int size() {
      return classes.length;
    }

    /** Shape {@code [size, channels, side, side]}. */
    Tensor pixels() {
      return Tensor.of(pixels, size(), CHANNELS, SIDE, SIDE);
    }

    /** Shape {@code [size]}. */
    Tensor classes() {
      return Tensor.of(classes);
    }
  }

  /** Those with the numbers {@code from … from + size − 1}. */
  static Batch batch(int from, int size) {
    float[] pixels = new float[size * PIXELS];
    long[] classes = new long[size];
    for (int i = 0; i < size; i++) {
      System.arraycopy(pixels(from + i), 0, pixels, i * PIXELS, PIXELS);
      classes[i] = label(from + i);
    }
    return new Batch(pixels, classes);
  }

  private static float[] pixels(int number) {
    SplittableRandom random = new SplittableRandom(number);
    float[] image = new float[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      image[i] = (float) random.nextDouble();
    }
    return image;
  }

  private static int label(int number) {
    return number % CLASSES;
  }

  /** The first so many as rows with the columns features, an array of floats, and label. */
  static Dataset<Row> table(SparkSession spark, int rows, int partitions) {
    StructType schema =
        new StructType()
            .add("features", DataTypes.createArrayType(DataTypes.FloatType, false), false)
            .add("label", DataTypes.IntegerType, false);
    List<Integer> numbers = IntStream.range(0, rows).boxed().toList();
    return spark.createDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(numbers, partitions)
            .map(number -> RowFactory.create(pixels(number), label(number))),
        schema);
  }
}
