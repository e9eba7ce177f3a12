// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two executors in processes of their own, with Spark's authentication and AES encryption, and
 * eager speculation: of a barrier task there is never a second copy.
 */
@Tag("cluster")
class ClusterFitTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() throws Exception {
    spark =
        ClusterOfProcesses.session(
            2,
            Map.of(
                "spark.speculation", "true",
                "spark.speculation.multiplier", "1",
                "spark.speculation.quantile", "0.1"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  @DisplayName("two executors and one end with the same weights, and the model works on both")
  void processesAgree() {
    Dataset<Row> data = Toys.triangle(spark, 101, 1);
    AutogradClassifier classifier =
        Toys.classifier().setMaxIter(4).setWeightCol("weight").setShuffle(false);
    AutogradClassificationModel one = classifier.setBatchSize(20).setNumWorkers(1).fit(data);
    AutogradClassificationModel two = classifier.setBatchSize(10).setNumWorkers(2).fit(data);
    assertEquals(
        3, spark.sparkContext().statusTracker().getExecutorInfos().length, "driver and two");
    Map<String, Tensor> expected = one.module().stateDict();
    two.module()
        .stateDict()
        .forEach(
            (name, value) ->
                assertArrayEquals(expected.get(name).toFloatArray(), value.toFloatArray(), 1e-5f));
    double accuracy =
        new MulticlassClassificationEvaluator()
            .setMetricName("accuracy")
            .evaluate(two.transform(data.repartition(2)));
    assertTrue(accuracy > 0.9, "accuracy " + accuracy);
  }

  @Test
  void aBadRowIsOneSentenceAndIsNotTriedAgain() {
    Dataset<Row> data =
        Toys.triangle(spark, 9, 1)
            .map(
                (org.apache.spark.api.java.function.MapFunction<Row, Row>)
                    row ->
                        row.getDouble(2) == 4
                            ? org.apache.spark.sql.RowFactory.create(
                                Vectors.dense(Double.NaN, 0), row.get(1), row.get(2))
                            : row,
                org.apache.spark.sql.Encoders.row(Toys.triangle(spark, 1, 1).schema()));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Toys.classifier().setNumWorkers(2).fit(data));
    assertEquals(
        "Vector values MUST NOT be NaN or Infinity, but column features holds NaN as value 0 of"
            + " row 3 of partition 0; fill or drop such rows.",
        e.getMessage());
  }

  @Test
  @DisplayName("a fit that loses an executor is tried again and ends with the same bits")
  void aLostExecutorCostsTimeOnly() {
    Dataset<Row> data = Toys.triangle(spark, 101, 1);
    AutogradClassifier classifier = Toys.classifier().setMaxIter(200).setNumWorkers(2);
    Map<String, Tensor> expected = classifier.fit(data).module().stateDict();
    ProcessHandle executor = ClusterOfProcesses.executor(spark);
    AtomicInteger killed = new AtomicInteger();
    List<String> epochs = new CopyOnWriteArrayList<>();
    Map<String, Tensor> actual;
    try (var progress =
        ProgressCapture.of(
            line -> {
              epochs.add(line);
              if (line.startsWith("epoch 3/") && killed.getAndIncrement() == 0) {
                executor.destroyForcibly();
              }
            })) {
      actual = classifier.fit(data).module().stateDict();
    }
    assertEquals(2, epochs.stream().filter(e -> e.startsWith("epoch 3/")).count(), "two attempts");
    expected.forEach(
        (name, value) ->
            assertArrayEquals(value.toFloatArray(), actual.get(name).toFloatArray(), name));
  }
}
