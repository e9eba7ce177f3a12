// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.memory.MemoryManager;
import org.apache.spark.memory.TaskMemoryManager;

/**
 * Stores of a Spark task: their memory counts as the task's execution memory, their files lie in
 * Spark's local directories, encrypted where {@code spark.io.encryption.enabled} says so.
 */
public final class TaskRecordStores implements RecordStores {
  private final TaskMemoryManager taskMemory;
  private final SparkEnv env;

  private TaskRecordStores(TaskMemoryManager taskMemory, SparkEnv env) {
    this.taskMemory = taskMemory;
    this.env = env;
  }

  /** Of the task that runs on this thread. */
  public static TaskRecordStores current() {
    return new TaskRecordStores(TaskContext.get().taskMemoryManager(), SparkEnv.get());
  }

  @Override
  public RecordStore open(int recordBytes) {
    MemoryManager memory = env.memoryManager();
    return new RecordStore(
        recordBytes,
        new ExecutionMemory(taskMemory, memory),
        () -> env.blockManager().diskBlockManager().createTempLocalBlock()._2().toPath(),
        env.securityManager().getIOEncryptionKey().isDefined());
  }
}
