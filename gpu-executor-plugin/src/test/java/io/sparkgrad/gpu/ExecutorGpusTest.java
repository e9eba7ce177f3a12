// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Test;

class ExecutorGpusTest {
  private static GpuReport report(String executor, String uuid, String name) {
    return new GpuReport(
        executor, "host", "0", name, uuid, 75, 12_040, 14L << 30, 15L << 30, 13L << 30);
  }

  private static GpuReport report(String executor, String uuid) {
    return report(executor, uuid, "Tesla T4");
  }

  @Test
  void onlyExecutorsWithTheSameGpuGetInEachOthersWay() {
    var gpus = new ExecutorGpus(1);
    assertEquals(Optional.empty(), gpus.add(report("0", "GPU-a")));
    assertEquals(Optional.empty(), gpus.add(report("1", "GPU-b")));
    assertEquals(
        Optional.of(
            "executors 0 and 2 share Tesla T4 (GPU-a) on host, and together may hold more than its memory: let Spark find each GPU once, or set spark.sparkgrad.gpu.memory.fraction to 0.5"),
        gpus.add(report("2", "GPU-a")));
  }

  @Test
  void sharesThatFitAreAsTheyShouldBe() {
    var gpus = new ExecutorGpus(0.5);
    assertEquals(Optional.empty(), gpus.add(report("0", "GPU-a")));
    assertEquals(Optional.empty(), gpus.add(report("1", "GPU-a")));
    assertEquals(
        "set spark.sparkgrad.gpu.memory.fraction to 0.33",
        gpus.add(report("2", "GPU-a")).orElseThrow().split(", or ", -1)[1]);
  }

  @Test
  void anExecutorThatEndedHoldsNothing() {
    var gpus = new ExecutorGpus(1);
    gpus.add(report("0", "GPU-a"));
    gpus.onExecutorRemoved(new SparkListenerExecutorRemoved(0, "0", "exited with code 20"));
    assertEquals(Optional.empty(), gpus.add(report("1", "GPU-a")));
  }

  @Test
  void slicesOfOneGpuAreApart() {
    var gpus = new ExecutorGpus(1);
    gpus.add(report("0", "GPU-a", "NVIDIA A100-SXM4-40GB MIG 1g.5gb"));
    assertEquals(
        Optional.empty(), gpus.add(report("1", "GPU-a", "NVIDIA A100-SXM4-40GB MIG 1g.5gb")));
  }
}
