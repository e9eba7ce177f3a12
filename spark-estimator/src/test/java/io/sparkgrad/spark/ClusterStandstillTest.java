// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Executors that are alive and do not answer; deadlines have to act. */
@Tag("cluster")
class ClusterStandstillTest {
  private static SparkSession spark;
  @TempDir Path dir;

  @BeforeAll
  static void start() throws Exception {
    spark =
        ClusterOfProcesses.session(
            2,
            Map.of(
                "spark.network.timeout", "12s",
                "spark.executor.heartbeatInterval", "3s",
                "spark.network.timeoutInterval", "3s"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static AutogradClassifier classifier() {
    Sequential wide =
        Sequential.builder()
            .add("fc1", new Linear(2, 50_000))
            .add("fc2", new Linear(50_000, 3))
            .build();
    return new AutogradClassifier()
        .setNetwork(wide) // 1.4 MB: more than a message of Spark's may hold here
        .setSeed(3)
        .setNumWorkers(2)
        .setBatchSize(8)
        .setMaxIter(20)
        .setCommunicationTimeout(30);
  }

  private static void assertSameWeights(
      Map<String, Tensor> expected, AutogradClassificationModel actual) {
    expected.forEach(
        (name, value) ->
            assertArrayEquals(
                value.toFloatArray(), actual.module().stateDict().get(name).toFloatArray(), name));
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @DisplayName(
      "an executor that stands still is given up at the deadline, and the fit goes on without it")
  void stopped() {
    Dataset<Row> data = Toys.triangle(spark, 101, 1);
    Map<String, Tensor> expected = classifier().fit(data).module().stateDict();
    List<Long> processes = List.copyOf(ClusterOfProcesses.processes(spark).values());
    AtomicInteger stopped = new AtomicInteger();
    AtomicInteger retries = new AtomicInteger();
    SparkListener counter =
        new SparkListener() {
          @Override
          public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
            retries.addAndGet(submitted.stageInfo().attemptNumber() > 0 ? 1 : 0);
          }
        };
    spark.sparkContext().addSparkListener(counter);
    AutogradClassificationModel model;
    try (var ignored =
        ProgressCapture.of(
            line -> {
              if (line.startsWith("epoch 3/") && stopped.getAndIncrement() == 0) {
                send("STOP", processes.get(0));
              }
            })) {
      model =
          classifier()
              .setCommunicationTimeout(8)
              .setCheckpointDir(dir.resolve("fit").toString())
              .fit(data);
    } finally {
      spark.sparkContext().removeSparkListener(counter);
      ProcessHandle.of(processes.get(0)).ifPresent(p -> send("CONT", p.pid()));
    }
    assertTrue(stopped.get() > 0 && retries.get() > 0, "the fit was not disturbed");
    assertSameWeights(expected, model);
  }

  private static void send(String signal, long process) {
    try {
      new ProcessBuilder("kill", "-" + signal, String.valueOf(process)).start().waitFor();
    } catch (java.io.IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("two fits at once do not disturb each other")
  void twoAtOnce() {
    Dataset<Row> data = Toys.triangle(spark, 101, 1);
    AutogradClassifier one = classifier().setMaxIter(6);
    AutogradClassifier other = classifier().setMaxIter(6).setSeed(8);
    Map<String, Tensor> ofOne = one.fit(data).module().stateDict();
    Map<String, Tensor> ofOther = other.fit(data).module().stateDict();
    var first = CompletableFuture.supplyAsync(() -> one.fit(data));
    var second = CompletableFuture.supplyAsync(() -> other.fit(data));
    assertSameWeights(ofOne, first.join());
    assertSameWeights(ofOther, second.join());
  }

  @Test
  @DisplayName("a worker without rows takes part")
  void moreWorkersThanRows() {
    Dataset<Row> one = Toys.triangle(spark, 1, 1);
    AutogradClassificationModel model = classifier().fit(one);
    Map<String, Tensor> alone = classifier().setNumWorkers(1).fit(one).module().stateDict();
    alone.forEach(
        (name, value) ->
            assertArrayEquals(
                value.toFloatArray(),
                model.module().stateDict().get(name).toFloatArray(),
                1e-5f,
                name));
  }
}
