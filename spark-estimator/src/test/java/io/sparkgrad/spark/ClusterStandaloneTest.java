// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark's standalone mode, as small clusters run it. */
@Tag("cluster")
class ClusterStandaloneTest {
  @TempDir Path dir;

  @Test
  @DisplayName("on a standalone cluster too, an executor that is lost costs time and no bit")
  void standalone() throws Exception {
    List<ProcessHandle> processes;
    try (StandaloneCluster cluster = StandaloneCluster.start(2, dir)) {
      try (SparkSession spark = cluster.session()) {
        fit(spark);
        processes = cluster.processes();
      }
    }
    assertTrue(processes.size() >= 5, "master, two workers and their executors");
    processes.forEach(process -> assertFalse(process.isAlive(), process::toString));
  }

  private void fit(SparkSession spark) {
    Dataset<Row> data = Toys.triangle(spark, 101, 1);
    AutogradClassifier classifier = Toys.classifier().setMaxIter(60).setNumWorkers(2);
    Map<String, String> expected = Toys.weights(classifier.fit(data));
    ProcessHandle executor = ClusterOfProcesses.executor(spark);
    AtomicBoolean killed = new AtomicBoolean();
    AutogradClassificationModel model;
    try (var ignored =
        ProgressCapture.of(
            line -> {
              if (line.startsWith("epoch 3/") && !killed.getAndSet(true)) {
                executor.destroyForcibly();
              }
            })) {
      model = classifier.setCheckpointDir(dir.resolve("fit").toString()).fit(data);
    }
    assertFalse(executor.isAlive());
    assertEquals(expected, Toys.weights(model));
  }
}
