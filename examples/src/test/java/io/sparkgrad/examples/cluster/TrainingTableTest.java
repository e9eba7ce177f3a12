// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.optim.SGD;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** On two threads in the place of two executors. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainingTableTest {
  private SparkSession spark;

  @BeforeAll
  void open() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("training table")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
  }

  @AfterAll
  void close() {
    spark.stop();
  }

  @Test
  @DisplayName("a step of the peer is that of one network on the batches of both workers")
  void treeAggregation() {
    Module network = new Sequential(new Flatten(), new Linear(3 * 32 * 32, Images.CLASSES));
    Module alone = Architecture.fromJson(Architecture.toJson(network));
    alone.loadStateDict(network.stateDict(), true);
    double loss;
    try (TreeAggregation peer =
        new TreeAggregation(
            JavaSparkContext.fromSparkContext(spark.sparkContext()), network, 2, 2, 3)) {
      loss = peer.step(1);
    }
    // Worker 0 has the images 0 to 5, worker 1 those from 6 on, in batches of three.
    Images.Batch first = Images.batch(3, 3);
    Images.Batch second = Images.batch(9, 3);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    Tensor a = criterion.forward(alone.call(first.pixels()), first.classes());
    Tensor b = criterion.forward(alone.call(second.pixels()), second.classes());
    Tensor mean = a.add(b).div(2);
    mean.backward();
    new SGD(alone.parameters(), SGD.Options.DEFAULT).step();
    assertEquals(mean.item(), loss, 1e-5);
    for (String name : alone.stateDict().keySet()) {
      assertArrayEquals(
          alone.stateDict().get(name).toFloatArray(),
          network.stateDict().get(name).toFloatArray(),
          1e-6f,
          name);
    }
  }

  @Test
  @DisplayName("prints what a step takes, and the ratios")
  void lines() {
    StringWriter text = new StringWriter();
    new TrainingTable(spark, new TrainingTable.Size(4, 2, 2, 1), new PrintWriter(text)).run();
    String out = text.toString();
    for (String line :
        new String[] {
          "step candidate=sparkgrad workers=2 frozen=none ms=",
          "ratio workload=train-simplecnn-2-executors frozen=conv value=",
          "share workload=wire frozen=fc bytes=0.01",
          "step candidate=tree-aggregate workers=2 ms=",
          "ratio workload=train-simplecnn peer=tree-aggregate value="
        }) {
      assertTrue(out.contains(line), line + " in " + out);
    }
  }

  @Test
  @DisplayName("prints what a step takes with buckets of each size, and the ratios")
  void buckets() {
    StringWriter text = new StringWriter();
    new BucketTable(
            spark,
            List.of(BucketTable.Network.MLP),
            new BucketTable.Size(List.of(0.5, 256.0), 1, 1),
            new PrintWriter(text))
        .run();
    String out = text.toString();
    for (String line :
        new String[] {
          "step candidate=sparkgrad network=mlp bucket_mb=0.5 ms=",
          "ratio workload=bucket-mlp-0.5mb peer=one-bucket value=",
          "ratio workload=bucket-mlp-256.0mb peer=one-bucket value=1.00"
        }) {
      assertTrue(out.contains(line), line + " in " + out);
    }
  }
}
