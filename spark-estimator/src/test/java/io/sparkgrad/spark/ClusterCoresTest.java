// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.nn.models.SimpleCnn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks with several cores, in an executor whose backend is chosen. */
@Tag("cluster")
class ClusterCoresTest {
  private static final int CORES = 2;
  private static final int[] SHAPE = {3, 8, 8};
  private static final int ROWS = 65;

  private static SparkSession session(String backend) throws Exception {
    return ClusterOfProcesses.session(
        1,
        CORES,
        Map.of(
            "spark.task.cpus",
            String.valueOf(CORES),
            "spark.executorEnv.JDK_JAVA_OPTIONS", // in Java options Spark refuses all -Dspark…
            "-Dsparkgrad.backend=" + backend));
  }

  private static Dataset<Row> images(SparkSession spark) {
    Generator random = new Generator(1);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      double[] pixels = IntStream.range(0, 192).mapToDouble(p -> random.nextGaussian()).toArray();
      rows.add(RowFactory.create(Vectors.dense(pixels), i % 10));
    }
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.IntegerType);
    return spark.createDataFrame(rows, schema).coalesce(1);
  }

  @ParameterizedTest(name = "{0}, difference of {1} at most")
  @CsvSource({"java, 0", "onednn, 1e-5"})
  @DisplayName("tasks of two cores predict in batches of any size what predictRaw gives for a row")
  void predictions(String backend, double tolerance) throws Exception {
    try (SparkSession spark = session(backend)) {
      assertEquals(backend + " " + CORES, inTask(spark));
      Dataset<Row> images = images(spark);
      AutogradClassificationModel model =
          new AutogradClassifier()
              .setNetwork(SimpleCnn.create(3, 8, 8, 10))
              .setInputShape(SHAPE)
              .setSeed(3)
              .setMaxIter(1)
              .fit(images);
      List<double[]> alone =
          images
              .map(
                  (MapFunction<Row, double[]>)
                      row -> model.predictRaw(row.<Vector>getAs(0)).toArray(),
                  Encoders.javaSerialization(double[].class))
              .collectAsList();
      for (int batch : new int[] {1, 2, 7, ROWS}) {
        List<Row> rows = model.setInferenceBatchSize(batch).transform(images).collectAsList();
        assertEquals(ROWS, rows.size());
        for (int i = 0; i < ROWS; i++) {
          double[] expected = alone.get(i);
          double[] actual = rows.get(i).<Vector>getAs("rawPrediction").toArray();
          String where = "row " + i + " in batches of " + batch;
          if (tolerance == 0) {
            assertArrayEquals(expected, actual, where);
          } else {
            assertArrayEquals(expected, actual, tolerance, where);
          }
        }
      }
    }
  }

  /** The backend and the cores of a task. */
  private static String inTask(SparkSession spark) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(0), 1)
        .map(any -> Backends.cpu().backend().name() + " " + TaskContext.get().cpus())
        .first();
  }
}
