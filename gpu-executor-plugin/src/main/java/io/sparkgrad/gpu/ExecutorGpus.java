// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** The GPUs that executors have opened, until they end. Safe for threads. */
final class ExecutorGpus extends SparkListener {
  private final double memoryFraction;
  private final List<GpuReport> open = new ArrayList<>();

  /**
   * No GPU yet.
   *
   * @param memoryFraction of a GPU's memory that each executor may hold
   */
  ExecutorGpus(double memoryFraction) {
    this.memoryFraction = memoryFraction;
  }

  /** What is wrong with the executors that now have this GPU, in one sentence. */
  synchronized Optional<String> add(GpuReport gpu) {
    open.add(gpu);
    List<GpuReport> same = open.stream().filter(other -> other.uuid().equals(gpu.uuid())).toList();
    if (gpu.isSlice() || same.size() * memoryFraction <= 1) {
      return Optional.empty();
    }
    return Optional.of(
        "executors %s share %s (%s) on %s, and together may hold more than its memory: let Spark find each GPU once, or set %s to %s"
            .formatted(
                same.stream().map(GpuReport::executor).collect(Collectors.joining(" and ")),
                gpu.name(),
                gpu.uuid(),
                gpu.host(),
                GpuSettings.MEMORY_FRACTION.key(),
                Math.floor(100.0 / same.size()) / 100));
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    open.removeIf(gpu -> gpu.executor().equals(removed.executorId()));
  }
}
