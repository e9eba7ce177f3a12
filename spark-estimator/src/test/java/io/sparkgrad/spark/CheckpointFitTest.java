// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.train.TrainingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fits that are written down, seen from the stages. */
class CheckpointFitTest {
  private static SparkSession spark;
  private Dataset<Row> data;
  @TempDir Path dir;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @BeforeEach
  void data() {
    data = Toys.triangle(spark, 61, 2);
  }

  private AutogradClassifier classifier() {
    return Toys.classifier().setMaxIter(6).setNumWorkers(2).setBatchSize(8);
  }

  private AutogradClassifier writtenDown() {
    return classifier().setCheckpointDir(dir.resolve("fit").toString());
  }

  private static void assertSameWeights(
      AutogradClassificationModel expected, AutogradClassificationModel actual) {
    expected
        .module()
        .stateDict()
        .forEach(
            (name, value) ->
                assertArrayEquals(
                    value.toFloatArray(),
                    actual.module().stateDict().get(name).toFloatArray(),
                    name));
  }

  @Test
  @DisplayName(
      "a fit that was cancelled goes on when it is called again, and ends with the same bits")
  void goesOn() throws Exception {
    int epochs = 300; // so many that the cancellation comes through before the last
    AutogradClassificationModel undisturbed = classifier().setMaxIter(epochs).fit(data);
    AutogradClassifier cancelled = writtenDown().setMaxIter(epochs);
    try (var ignored =
        ProgressCapture.of(
            line -> {
              if (line.startsWith("epoch 2/")) {
                spark.sparkContext().cancelAllJobs();
              }
            })) {
      assertThrows(TrainingException.class, () -> cancelled.fit(data));
    }
    assertNothingRuns();
    AutogradClassificationModel model = writtenDown().setMaxIter(epochs).fit(data);
    assertSameWeights(undisturbed, model);
    assertArrayEquals(undisturbed.summary().objectiveHistory(), model.summary().objectiveHistory());
  }

  /** Threads end soon after the job, and no checkpoint is left half written. */
  private void assertNothingRuns() throws Exception {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("sparkgrad-")) {
        thread.join(60_000);
        assertFalse(thread.isAlive(), thread.getName());
      }
    }
    try (Stream<Path> files = Files.list(dir.resolve("fit"))) {
      assertEquals(List.of(), files.filter(f -> f.toString().endsWith(".tmp")).toList());
    }
  }

  @Test
  @DisplayName("a fit that is complete is not trained again, and cacheFrozenFeatures may differ")
  void complete() throws Exception {
    AutogradClassificationModel model = writtenDown().setKeepCheckpoints(3).fit(data);
    try (Stream<Path> files = Files.list(dir.resolve("fit"))) {
      assertEquals(
          List.of(5, 6, 7),
          files
              .map(f -> f.getFileName().toString())
              .filter(f -> f.startsWith("epoch"))
              .map(f -> Integer.parseInt(f.substring(6, 11)))
              .sorted()
              .toList());
    }
    AutogradClassificationModel again = writtenDown().setCacheFrozenFeatures("off").fit(data);
    assertSameWeights(model, again);
    assertEquals(model.summary().last().time(), again.summary().last().time());
  }

  @Test
  @DisplayName(
      "with other settings, starting weights or rows the fit is refused, and the difference named")
  void refused() {
    writtenDown().fit(data);
    String settings =
        assertThrows(InputException.class, () -> writtenDown().setLearningRate(0.01).fit(data))
            .getMessage();
    assertTrue(settings.contains("is of a fit with learningRate=0.05, this one 0.01;"), settings);
    String seed =
        assertThrows(InputException.class, () -> writtenDown().setSeed(99).fit(data)).getMessage();
    assertTrue(seed.contains("is of a fit with initialWeights=checksum "), seed);
    String rows =
        assertThrows(InputException.class, () -> writtenDown().fit(data.limit(60))).getMessage();
    assertTrue(rows.contains("is of a fit on other rows (61 of them, now 60);"), rows);
  }

  @Test
  @DisplayName("a loss that is not finite names the last good checkpoint")
  void lastGood() {
    AutogradClassifier wild =
        writtenDown()
            .setCheckpointUnit("step")
            .setLearningRate(1e6)
            .setOptimizer("sgd")
            .setWeightDecay(1e6)
            .setMaxIter(50);
    String message = assertThrows(TrainingException.class, () -> wild.fit(data)).getMessage();
    assertTrue(
        message.matches(
            "the loss became \\S+ on rank [01] in step \\d+ of epoch \\d+; .* The last good checkpoint is file:\\S+\\.safetensors\\."),
        message);
  }

  @Test
  @DisplayName("without checkpointDir nothing is written")
  void none() {
    classifier().fit(data);
    assertFalse(Files.exists(dir.resolve("fit")));
  }
}
