// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.spark.train.TrainingException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Executors, in processes of their own, that end or stand still at any moment of a fit. Prints how
 * many seconds each cost.
 */
@Tag("cluster")
class ClusterRecoveryTest {
  private static final int EPOCHS = 5;
  private static final int STEPS = 7; // of an epoch: 101 rows, two workers, batches of 8

  private static SparkSession spark;
  private static Map<String, Tensor> undisturbed;
  private static double seconds;

  private Dataset<Row> data;
  @TempDir Path dir;

  @BeforeAll
  static void start() throws Exception {
    spark = ClusterOfProcesses.session(2);
    AutogradClassifier classifier = classifier(Saboteur.Fault.NOTHING, 1, 0);
    classifier.fit(rows()); // executors start up
    long begin = System.nanoTime();
    undisturbed = classifier.fit(rows()).module().stateDict();
    seconds = (System.nanoTime() - begin) * 1e-9;
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @BeforeEach
  void data() {
    data = rows();
  }

  private static Dataset<Row> rows() {
    return Toys.triangle(spark, 101, 1);
  }

  private static AutogradClassifier classifier(Saboteur.Fault fault, int batch, int worker) {
    return Toys.sabotaged(fault, batch, worker).setNumWorkers(2).setMaxIter(EPOCHS);
  }

  private void assertRecovers(String what, AutogradClassifier classifier) {
    AtomicInteger epochs = new AtomicInteger();
    long begin = System.nanoTime();
    Map<String, Tensor> actual;
    try (var ignored =
        ProgressCapture.of(line -> epochs.addAndGet(line.startsWith("epoch ") ? 1 : 0))) {
      actual = classifier.fit(data).module().stateDict();
    }
    double lost = (System.nanoTime() - begin) * 1e-9 - seconds;
    System.out.printf(
        "recovery seconds lost=%.1f epochs run=%d of %d: %s%n", lost, epochs.get(), EPOCHS, what);
    undisturbed.forEach(
        (name, value) ->
            assertArrayEquals(value.toFloatArray(), actual.get(name).toFloatArray(), name));
  }

  /** From {@code -Dtest.cluster.firstSeed=0} up to, without, {@code -Dtest.cluster.seeds=3}. */
  static IntStream seeds() {
    int first = Integer.getInteger("test.cluster.firstSeed", 0);
    return IntStream.range(first, Math.max(first, Integer.getInteger("test.cluster.seeds", 3)));
  }

  static Stream<Arguments> halts() {
    return seeds()
        .boxed()
        .flatMap(
            seed -> {
              Random random = new Random(seed);
              int anyBatch = 2 + random.nextInt(EPOCHS * STEPS - 2);
              return Stream.of(
                  List.<Object>of("the first step", true, 1, random.nextInt(2)),
                  List.<Object>of("an all-reduce", false, anyBatch, random.nextInt(2)),
                  List.<Object>of("the last step", true, EPOCHS * STEPS, random.nextInt(2)));
            })
        .distinct() // before they are Arguments, of which no two are equal
        .map(halt -> Arguments.of(halt.toArray()));
  }

  @ParameterizedTest(name = "in {0}, batch {2} of worker {3}")
  @MethodSource("halts")
  @DisplayName("an executor that is lost costs time and no bit")
  void halted(String phase, boolean forward, int batch, int worker) {
    Saboteur.Fault fault =
        forward ? Saboteur.Fault.HALT_IN_FORWARD : Saboteur.Fault.HALT_IN_BACKWARD;
    assertRecovers(
        "halted in " + phase + ", batch " + batch,
        classifier(fault, batch, worker)
            .setCheckpointDir(dir.resolve("fit").toString())
            .setCheckpointInterval(2)
            .setCheckpointUnit("step"));
  }

  @Test
  @DisplayName("without checkpoints the fit starts over and ends with the same bits")
  void withoutCheckpoints() throws Exception {
    String warning = "attempt 1 of the training stage starts over: there is no checkpointDir";
    long before = ClusterOfProcesses.logged(spark, warning);
    assertRecovers(
        "halted in the last step, without checkpoints",
        classifier(Saboteur.Fault.HALT_IN_FORWARD, EPOCHS * STEPS, 1));
    assertEquals(
        before + 2,
        ClusterOfProcesses.awaitLogged(spark, warning, before + 2),
        "once for each worker");
  }

  @Test
  @DisplayName("an executor that is lost at the rendezvous costs time and no bit")
  void rendezvous() {
    Map<String, Long> processes = ClusterOfProcesses.processes(spark);
    AtomicInteger killed = new AtomicInteger();
    SparkListener killer =
        new SparkListener() {
          @Override
          public void onTaskStart(SparkListenerTaskStart start) {
            // The first stage deals the rows; the tasks of the second wait for each other at once.
            Long process = processes.get(start.taskInfo().executorId());
            if (start.taskInfo().index() == 1 && process != null && killed.getAndIncrement() == 0) {
              ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly);
            }
          }
        };
    spark.sparkContext().addSparkListener(killer);
    try {
      assertRecovers("killed at the rendezvous", classifier(Saboteur.Fault.NOTHING, 1, 0));
    } finally {
      spark.sparkContext().removeSparkListener(killer);
    }
    assertTrue(killed.get() > 0);
  }

  @Test
  @DisplayName("an executor that is lost in the middle of a checkpoint goes on from the one before")
  void checkpointWrite() {
    assertRecovers(
        "halted while it wrote a checkpoint",
        classifier(Saboteur.Fault.NOTHING, 1, 0).setCheckpointDir("halting:" + dir.resolve("fit")));
    assertTrue(dir.resolve("fit").resolve("fuse").toFile().isDirectory(), "never halted");
    String[] left = dir.resolve("fit").toFile().list((folder, name) -> name.endsWith(".tmp"));
    assertEquals(List.of(), Arrays.asList(left));
  }

  @Test
  @DisplayName("an executor that is lost with the result in hand costs time and no bit")
  void result() {
    List<Long> processes = List.copyOf(ClusterOfProcesses.processes(spark).values());
    AtomicInteger killed = new AtomicInteger();
    try (var ignored =
        ProgressCapture.of(
            line -> {
              if (line.startsWith("epoch %d/".formatted(EPOCHS)) && killed.getAndIncrement() == 0) {
                processes.forEach(
                    p -> ProcessHandle.of(p).ifPresent(ProcessHandle::destroyForcibly));
              }
            })) {
      assertRecovers(
          "all killed after the last epoch",
          classifier(Saboteur.Fault.NOTHING, 1, 0).setCheckpointDir(dir.resolve("fit").toString()));
    }
    assertTrue(killed.get() > 0);
  }

  @Test
  @DisplayName(
      "a worker that fails again and again ends the fit with rank, host, attempt, step and cause")
  void fails() {
    TrainingException e =
        assertThrows(
            TrainingException.class, () -> classifier(Saboteur.Fault.THROW, 9, 1).fit(data));
    assertTrue(
        e.getMessage()
            .matches(
                "rank 1 \\(host \\S+, partition 1, attempt \\d\\) failed in step 2 of epoch 2: java.lang.IllegalStateException: sabotage.*"),
        e.getMessage());
  }
}
