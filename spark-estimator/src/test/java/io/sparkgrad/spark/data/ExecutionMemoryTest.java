// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.spark.SparkConf;
import org.apache.spark.memory.MemoryManager;
import org.apache.spark.memory.MemoryMode;
import org.apache.spark.memory.TaskMemoryManager;
import org.apache.spark.memory.UnifiedMemoryManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ExecutionMemoryTest {
  private static final long ALL = 1000;

  /** 1000 bytes for tasks and caches, half of them safe for caches. */
  private final MemoryManager memory = new UnifiedMemoryManager(new SparkConf(), ALL, ALL / 2, 1);

  private ExecutionMemory task(long id) {
    return new ExecutionMemory(new TaskMemoryManager(memory, id), memory);
  }

  @Test
  @DisplayName("a quarter is left to others, and what is given back can be taken again")
  void leavesAQuarter() {
    ExecutionMemory task = task(1);
    assertTrue(task.acquire(700));
    assertFalse(task.acquire(51));
    assertEquals(700, memory.onHeapExecutionMemoryUsed());
    assertTrue(task.acquire(50));
    task.release(750);
    assertEquals(0, memory.onHeapExecutionMemoryUsed());
    assertTrue(task.acquire(750));
  }

  @Test
  @DisplayName("a task does not wait for memory that another holds")
  void doesNotWait() {
    ExecutionMemory first = task(1);
    ExecutionMemory second = task(2);
    assertTrue(first.acquire(750));
    assertFalse(second.acquire(100));
    assertEquals(750, memory.onHeapExecutionMemoryUsed());
  }

  @Test
  @DisplayName("more than a task's share is refused and nothing kept")
  void staysWithinTheShare() {
    ExecutionMemory first = task(1);
    ExecutionMemory second = task(2);
    assertTrue(first.acquire(10));
    assertTrue(second.acquire(10));
    assertFalse(first.acquire(600));
    assertEquals(20, memory.onHeapExecutionMemoryUsed());
  }

  @Test
  @DisplayName("another consumer that wants memory gets what is left and takes nothing away")
  void keepsWhatItHas() {
    TaskMemoryManager manager = new TaskMemoryManager(memory, 1);
    ExecutionMemory store = new ExecutionMemory(manager, memory);
    assertTrue(store.acquire(700));
    ExecutionMemory other = new ExecutionMemory(manager, memory);
    assertEquals(300, manager.acquireExecutionMemory(400, other));
    assertEquals(MemoryMode.ON_HEAP, store.getMode());
    assertEquals(700, store.getUsed());
  }
}
