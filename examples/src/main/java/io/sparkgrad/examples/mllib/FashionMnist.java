// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.mllib;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Zalando's images of clothes: grey, 28×28, of ten classes, 60,000 and 10,000 of them. */
record FashionMnist(Path folder) {
  private static final StructType SCHEMA =
      new StructType()
          .add("features", SQLDataTypes.VectorType(), false)
          .add("label", DataTypes.DoubleType, false);

  FashionMnist {
    for (String part : List.of("train", "t10k")) {
      for (Path file : List.of(images(folder, part), labels(folder, part))) {
        if (!Files.isRegularFile(file)) {
          throw new IllegalArgumentException(
              "--data: %s is not there; Fashion-MNIST's four files (31 MB) come with Debian's package"
                      .formatted(file)
                  + " dataset-fashion-mnist in /usr/share/datasets/fashion-mnist, and from"
                  + " https://github.com/zalandoresearch/fashion-mnist");
        }
      }
    }
  }

  private static Path images(Path folder, String part) {
    return folder.resolve(part + "-images-idx3-ubyte.gz");
  }

  private static Path labels(Path folder, String part) {
    return folder.resolve(part + "-labels-idx1-ubyte.gz");
  }

  /** Columns {@code features}, a vector of pixels from 0 to 1, and {@code label}. */
  Dataset<Row> training(SparkSession spark, int partitions) {
    return rows(spark, "train", partitions);
  }

  /** As {@link #training}. */
  Dataset<Row> test(SparkSession spark, int partitions) {
    return rows(spark, "t10k", partitions);
  }

  /** Each task reads the files itself: they would make large tasks. */
  private Dataset<Row> rows(SparkSession spark, String part, int partitions) {
    String images = images(folder, part).toString();
    String labels = labels(folder, part).toString();
    JavaRDD<Row> rows =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(IntStream.range(0, partitions).boxed().toList(), partitions)
            .flatMap(
                share -> {
                  IdxFile pixels = IdxFile.read(Path.of(images));
                  IdxFile classes = IdxFile.read(Path.of(labels));
                  return IntStream.range(0, pixels.items())
                      .filter(i -> i % partitions == share)
                      .mapToObj(i -> row(pixels, classes, i))
                      .iterator();
                });
    return spark.createDataFrame(rows, SCHEMA);
  }

  private static Row row(IdxFile pixels, IdxFile classes, int item) {
    double[] features = new double[pixels.length()];
    for (int i = 0; i < features.length; i++) {
      features[i] = pixels.unsigned(item, i) / 255.0;
    }
    return RowFactory.create(Vectors.dense(features), (double) classes.unsigned(item, 0));
  }
}
