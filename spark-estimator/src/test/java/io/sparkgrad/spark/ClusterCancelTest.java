// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.train.TrainingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fits that somebody ends, and what is left of them on executors in processes of their own. */
@Tag("cluster")
@EnabledOnOs(OS.LINUX)
class ClusterCancelTest {
  private static final long PATIENCE_MILLIS = 20_000;

  private static SparkSession spark;
  private Dataset<Row> data;
  @TempDir Path dir;

  /** All tests have one session, unless one has ended it. */
  @BeforeEach
  void start() throws Exception {
    spark =
        ClusterOfProcesses.session(
            2, Map.of("spark.memory.fraction", "0.004")); // so little that rows go to disk
    data = Toys.triangle(spark, 101, 1);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static AutogradClassifier classifier(int workers, int epochs) {
    return Toys.classifier().setNumWorkers(workers).setBatchSize(8).setMaxIter(epochs);
  }

  private @Nullable Throwable endedBy(int workers, Consumer<Thread> ending) throws Exception {
    return endedBy(workers, dir.resolve("fit").toString(), ending);
  }

  /** Starts a fit that would take hours, and ends it in its third epoch. */
  private @Nullable Throwable endedBy(int workers, String checkpoints, Consumer<Thread> ending)
      throws Exception {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    AtomicBoolean ended = new AtomicBoolean();
    Thread fit =
        new Thread(
            () -> {
              spark.sparkContext().setJobGroup("fits", "of this test", false);
              try {
                classifier(workers, 1_000_000)
                    .setCheckpointDir(checkpoints)
                    .setCheckpointInterval(3)
                    .fit(data);
              } catch (RuntimeException e) {
                failure.set(e);
              }
            });
    try (var ignored =
        ProgressCapture.of(
            line -> {
              if (line.startsWith("epoch 3/") && !ended.getAndSet(true)) {
                ending.accept(fit);
              }
            })) {
      fit.start();
      fit.join(300_000);
    }
    assertFalse(fit.isAlive(), "fit goes on");
    return failure.get();
  }

  private static Map<Long, ProcessResources> resources(Collection<Long> processes) {
    Map<Long, ProcessResources> all = new HashMap<>();
    Set<Integer> blockPorts =
        Arrays.stream(spark.sparkContext().statusTracker().getExecutorInfos())
            .map(SparkExecutorInfo::port)
            .collect(Collectors.toSet());
    for (long process : processes) {
      try {
        all.put(process, ProcessResources.of(process, blockPorts));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @DisplayName("cancelling the job group leaves nothing of the fit on the executors")
  void jobGroup(int workers) throws Exception {
    assertNothingIsLeft(workers, fit -> spark.sparkContext().cancelJobGroup("fits"));
  }

  @Test
  @DisplayName("interrupting the thread that called fit leaves nothing of it on the executors")
  void interrupt() throws Exception {
    assertNothingIsLeft(2, Thread::interrupt);
  }

  private void assertNothingIsLeft(int workers, Consumer<Thread> ending) throws Exception {
    classifier(workers, 2).fit(data); // what Spark opens once is open then
    Collection<Long> processes = ClusterOfProcesses.processes(spark).values();
    Map<Long, ProcessResources> before = resources(processes);
    AtomicReference<Map<Long, ProcessResources>> during = new AtomicReference<>(Map.of());
    Throwable failure =
        endedBy(
            workers,
            fit -> {
              during.set(resources(processes));
              ending.accept(fit);
            });
    assertInstanceOf(TrainingException.class, failure);
    assertEquals(workers, during.get().values().stream().filter(ClusterCancelTest::trains).count());
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    while (!isAsBefore(before, resources(processes)) && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    Map<Long, ProcessResources> after = resources(processes);
    assertTrue(isAsBefore(before, after), () -> before + "\n" + during + "\n" + after);
    assertNoHalfWrittenCheckpoint();
  }

  private static boolean trains(ProcessResources process) {
    return !process.threads().isEmpty() && !process.removedFiles().isEmpty();
  }

  private static boolean isAsBefore(
      Map<Long, ProcessResources> before, Map<Long, ProcessResources> after) {
    return after.entrySet().stream()
        .allMatch(
            e ->
                e.getValue().threads().isEmpty()
                    && e.getValue().removedFiles().isEmpty()
                    && e.getValue().sockets() <= before.get(e.getKey()).sockets());
  }

  private void assertNoHalfWrittenCheckpoint() {
    assertEquals(List.of(), unfinished());
  }

  private List<String> unfinished() {
    return Arrays.asList(dir.resolve("fit").toFile().list((folder, name) -> name.endsWith(".tmp")));
  }

  @Test
  @DisplayName(
      "stopping the application in the middle of a checkpoint ends the executors, and all threads"
          + " of the fit on the driver, and leaves no file half written")
  void application() throws Exception {
    Collection<Long> processes = ClusterOfProcesses.processes(spark).values();
    Thread stopping = new Thread(spark::stop);
    AtomicReference<List<String>> during = new AtomicReference<>(List.of());
    Throwable failure =
        endedBy(
            2,
            "standing:" + dir.resolve("fit"),
            fit -> {
              during.set(awaitUnfinished());
              stopping.start();
            });
    stopping.join();
    assertEquals(1, during.get().size(), "no checkpoint was being written");
    assertInstanceOf(TrainingException.class, failure);
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    while (runs(processes) && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    assertFalse(runs(processes), "executors go on");
    assertEquals(List.of(), driversThreads());
    assertNoHalfWrittenCheckpoint();
  }

  private List<String> awaitUnfinished() {
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    while (unfinished().isEmpty() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    return unfinished();
  }

  private static boolean runs(Collection<Long> processes) {
    return processes.stream().anyMatch(p -> ProcessHandle.of(p).isPresent())
        || !driversThreads().isEmpty();
  }

  private static List<String> driversThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("sparkgrad"))
        .toList();
  }
}
