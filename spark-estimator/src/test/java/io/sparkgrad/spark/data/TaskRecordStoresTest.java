// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.ClusterOfThreads;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.memory.TaskMemoryManager;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TaskRecordStoresTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  @DisplayName("memory counts as that of the task and is given back")
  void insideATask() {
    List<Long> used =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0), 1)
            .map(ignored -> usedWhileOpenAndAfter())
            .first();
    assertEquals(List.of(4L << 20, 0L), used.stream().map(n -> (n + 1023) / 1024 * 1024).toList());
    assertEquals(0, SparkEnv.get().memoryManager().executionMemoryUsed());
  }

  private static List<Long> usedWhileOpenAndAfter() throws Exception {
    TaskMemoryManager task = TaskContext.get().taskMemoryManager();
    long during;
    try (RecordStore store = TaskRecordStores.current().open(100)) {
      store.put(0, ByteBuffer.allocate(100));
      during = task.getMemoryConsumptionForThisTask();
    }
    return List.of(during, task.getMemoryConsumptionForThisTask());
  }

  @Test
  @DisplayName("a task that gets no memory writes to Spark's directories, where no file is left")
  void withoutMemory() {
    assertTrue(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0), 1)
            .map(ignored -> leavesNoFile())
            .first());
    assertEquals(0, SparkEnv.get().memoryManager().executionMemoryUsed());
  }

  private static boolean leavesNoFile() throws Exception {
    ExecutionMemory rest =
        new ExecutionMemory(TaskContext.get().taskMemoryManager(), SparkEnv.get().memoryManager());
    rest.acquireMemory(Long.MAX_VALUE / 2);
    long before = filesInLocalDirectories();
    try (RecordStore store = TaskRecordStores.current().open(100)) {
      store.put(0, ByteBuffer.allocate(100));
      return store.spilled() && filesInLocalDirectories() == before;
    } finally {
      rest.release(rest.getUsed());
    }
  }

  private static long filesInLocalDirectories() throws Exception {
    long files = 0;
    for (var dir : SparkEnv.get().blockManager().diskBlockManager().localDirs()) {
      try (var walk = Files.walk(dir.toPath())) {
        files += walk.filter(Files::isRegularFile).count();
      }
    }
    return files;
  }
}
