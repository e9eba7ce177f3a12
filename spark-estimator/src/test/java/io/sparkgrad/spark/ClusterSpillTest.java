// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What an executor in a process of its own leaves on disk when it ends as by a crash. */
@Tag("cluster")
class ClusterSpillTest {
  /** What Spark calls the files that a task has for itself. */
  private static final String PREFIX = "temp_local_";

  @TempDir private Path local;
  private SparkSession spark;

  @BeforeEach
  void start() throws IOException {
    // The heap less 300 MB, times this: not enough for one chunk of rows.
    spark =
        ClusterOfProcesses.session(
            1, Map.of("spark.memory.fraction", "0.005", "spark.local.dir", local.toString()));
  }

  @AfterEach
  void stop() {
    spark.stop();
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "looks at the open files in /proc")
  @DisplayName("an executor that is killed while its rows are on disk leaves no file behind")
  void nothingIsLeft() {
    AutogradClassifier classifier = Toys.classifier().setMaxIter(20);
    ProcessHandle executor = ClusterOfProcesses.executor(spark);
    AtomicInteger kills = new AtomicInteger();
    AtomicInteger spills = new AtomicInteger();
    List<Path> left = new CopyOnWriteArrayList<>();
    try (var progress =
        ProgressCapture.of(
            line -> {
              if (line.startsWith("epoch 3/") && kills.getAndIncrement() == 0) {
                spills.set(openSpills(executor.pid()));
                executor.destroyForcibly();
                executor.onExit().join();
                left.addAll(spillFiles());
              }
            })) {
      classifier.fit(Toys.triangle(spark, 101, 1));
    }
    assertEquals(2, kills.get(), "the third epoch of two attempts");
    assertTrue(spills.get() > 0, "rows were in memory");
    assertEquals(List.of(), left);
    assertEquals(List.of(), spillFiles());
  }

  private static int openSpills(long process) {
    try (Stream<Path> open = Files.list(Path.of("/proc/%d/fd".formatted(process)))) {
      return (int) open.map(ClusterSpillTest::target).filter(t -> t.contains(PREFIX)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The path of an open file, whether it still has a name or not. */
  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  private List<Path> spillFiles() {
    try (Stream<Path> files = Files.walk(local)) {
      return files.filter(f -> f.getFileName().toString().startsWith(PREFIX)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
