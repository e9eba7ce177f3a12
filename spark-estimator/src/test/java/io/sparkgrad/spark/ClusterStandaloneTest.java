// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.train.WorkerResources;
import io.sparkgrad.spark.train.WorkerStage;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

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
        assertEquals(Set.of("0", "1"), addressesOfRanks(spark));
        fit(spark);
        processes = cluster.processes();
      }
    }
    assertTrue(processes.size() >= 5, "master, two workers and their executors");
    processes.forEach(process -> assertFalse(process.isAlive(), process::toString));
  }

  /** That the ranks of a fit's stage see. */
  private static Set<String> addressesOfRanks(SparkSession spark) {
    WorkerResources asked = new WorkerResources(DevicePreference.GPU, 1, OptionalInt.empty());
    JavaRDD<Integer> ranks =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(List.of(0, 1), 2);
    ClassTag<String> text = ClassTag$.MODULE$.apply(String.class);
    RDD<String> seen =
        WorkerStage.plan(spark.sparkContext(), asked, 2)
            .of(ranks)
            .rdd()
            .barrier()
            .mapPartitions(new Addresses(), false, text);
    return Set.copyOf(new JavaRDD<>(seen, text).collect());
  }

  /** Of the GPUs of a task. */
  private static final class Addresses
      extends AbstractFunction1<Iterator<Integer>, Iterator<String>> implements Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<String> apply(Iterator<Integer> rank) {
      String[] addresses = TaskContext.get().resourcesJMap().get("gpu").addresses();
      return Iterator.single(String.join(",", addresses));
    }
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
