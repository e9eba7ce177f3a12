// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import org.apache.spark.memory.MemoryConsumer;
import org.apache.spark.memory.MemoryManager;
import org.apache.spark.memory.MemoryMode;
import org.apache.spark.memory.TaskMemoryManager;

/**
 * A share of the memory that Spark divides among the tasks of an executor and its caches.
 *
 * <p>Spark lets a task that asks for its share wait until others give some back. A worker must not:
 * those that hold the memory may be workers who wait for this one. So it asks only for what is free
 * at that moment, and leaves a quarter of all to the tasks of other stages. What was granted is
 * kept until the store closes: other consumers of the same task have ended when training begins.
 */
final class ExecutionMemory extends MemoryConsumer implements MemoryGrant {
  private final MemoryManager memory;

  ExecutionMemory(TaskMemoryManager task, MemoryManager memory) {
    super(task, MemoryMode.ON_HEAP);
    this.memory = memory;
  }

  @Override
  public boolean acquire(long bytes) {
    // Spark takes memory under this lock: what is free stays free until it is ours.
    synchronized (memory) {
      long unused = memory.maxOnHeapStorageMemory() - memory.onHeapStorageMemoryUsed();
      long all = memory.maxOnHeapStorageMemory() + memory.onHeapExecutionMemoryUsed();
      if (unused - bytes < all / 4) {
        return false;
      }
      long granted = acquireMemory(bytes);
      if (granted < bytes) { // more than the task's share
        freeMemory(granted);
        return false;
      }
      return true;
    }
  }

  @Override
  public void release(long bytes) {
    freeMemory(bytes);
  }

  /** Gives nothing back. */
  @Override
  public long spill(long size, MemoryConsumer trigger) {
    return 0;
  }
}
