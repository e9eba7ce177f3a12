// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.spark.train.TrainingException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three and four executors in processes of their own: a ring with ranks that are not neighbours.
 */
@Tag("cluster")
class ClusterOfManyTest {
  private static final int ROWS = 101;

  @TempDir Path dir;

  private static Map<String, Tensor> fitted(AutogradClassifier classifier, Dataset<Row> data) {
    return classifier.fit(data).module().stateDict();
  }

  private static void assertClose(
      Map<String, Tensor> expected, Map<String, Tensor> actual, float delta) {
    expected.forEach(
        (name, value) ->
            assertArrayEquals(value.toFloatArray(), actual.get(name).toFloatArray(), delta, name));
  }

  @Test
  @DisplayName("four executors end with one worker's weights but for rounding, and the same again")
  void four() throws Exception {
    try (SparkSession spark = ClusterOfProcesses.session(4)) {
      Dataset<Row> data = Toys.triangle(spark, ROWS, 1);
      AutogradClassifier classifier =
          Toys.classifier().setMaxIter(4).setWeightCol("weight").setShuffle(false);
      Map<String, Tensor> one = fitted(classifier.setNumWorkers(1).setBatchSize(32), data);
      Map<String, Tensor> four = fitted(classifier.setNumWorkers(4).setBatchSize(8), data);
      assertEquals(4, ClusterOfProcesses.processes(spark).size());
      assertClose(one, four, 1e-5f);
      assertClose(four, fitted(classifier, data), 0);
    }
  }

  @Test
  @DisplayName(
      "of three executors one that is lost in an all-reduce costs no bit, and of one that fails its"
          + " own cause is told")
  void three() throws Exception {
    try (SparkSession spark = ClusterOfProcesses.session(3)) {
      Dataset<Row> data = Toys.triangle(spark, ROWS, 1);
      Map<String, Tensor> undisturbed =
          fitted(three(Saboteur.Fault.NOTHING, 1, 0), data); // 5 steps in an epoch
      List<String> epochs = new CopyOnWriteArrayList<>();
      Map<String, Tensor> recovered;
      try (var ignored = ProgressCapture.of(epochs::add)) {
        recovered =
            fitted(
                three(Saboteur.Fault.HALT_IN_BACKWARD, 13, 2)
                    .setCheckpointDir(dir.resolve("fit").toString())
                    .setCheckpointInterval(2)
                    .setCheckpointUnit("step"),
                data);
      }
      assertClose(undisturbed, recovered, 0);
      assertEquals(1, count(epochs, "epoch 1/"), "the second attempt goes on from a checkpoint");
      assertEquals(1, count(epochs, "epoch 3/"));

      String message =
          assertThrows(
                  TrainingException.class, () -> fitted(three(Saboteur.Fault.THROW, 9, 1), data))
              .getMessage();
      assertTrue(
          message.matches(
              "rank 1 \\(host \\S+, partition 1, attempt 3\\) failed in step 4 of epoch 2: java.lang.IllegalStateException: sabotage"),
          message);
    }
  }

  private static AutogradClassifier three(Saboteur.Fault fault, int batch, int worker) {
    return Toys.sabotaged(fault, batch, worker).setNumWorkers(3).setMaxIter(3);
  }

  private static long count(List<String> lines, String start) {
    return lines.stream().filter(line -> line.startsWith(start)).count();
  }
}
