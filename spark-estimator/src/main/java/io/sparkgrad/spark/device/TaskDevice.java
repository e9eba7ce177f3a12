// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.device;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Backends;
import java.util.Optional;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/**
 * Where one task computes.
 *
 * @param withoutGpu why not on a GPU, in half a sentence; empty if on one
 */
public record TaskDevice(Backend backend, Optional<String> withoutGpu) {
  /** The name under which Spark schedules GPUs. */
  public static final String GPU = "gpu";

  /** The CPU, whatever there is beside it. */
  public static TaskDevice cpu(String reason) {
    return new TaskDevice(Backends.cpu().backend(), Optional.of(reason));
  }

  /**
   * The GPU that Spark gave to the task; in local mode, where Spark gives none, the tasks share
   * those of the machine by their numbers.
   *
   * @param task null outside of tasks, which have no GPU
   */
  public static TaskDevice preferringGpu(@Nullable TaskContext task) {
    if (task == null) {
      return cpu("it is not computed in a task");
    }
    int count = Backends.gpuCount();
    if (count == 0) {
      return cpu(Backends.gpuUnavailableReason());
    }
    ResourceInformation assigned = task.resourcesJMap().get(GPU);
    if (assigned != null && assigned.addresses().length > 0) {
      return at(assigned.addresses()[0]);
    }
    return isLocal(SparkEnv.get().conf())
        ? at(Integer.toString(task.partitionId() % count))
        : cpu(
            "Spark gave the task no GPU: set spark.executor.resource.gpu.amount=1, and "
                + (task instanceof BarrierTaskContext
                    ? "gpusPerWorker=1 or spark.task.resource.gpu.amount"
                    : "spark.task.resource.gpu.amount, to a fraction where tasks are to share one"));
  }

  private static TaskDevice at(String address) {
    try {
      return Backends.gpu(address)
          .map(selected -> new TaskDevice(selected.backend(), Optional.empty()))
          .orElseGet(() -> cpu(Backends.gpuUnavailableReason()));
    } catch (BackendException e) {
      return cpu(String.valueOf(e.getMessage()));
    }
  }

  /** Whether tasks run in the driver, where Spark assigns no resources. */
  public static boolean isLocal(SparkConf conf) {
    String master = conf.get("spark.master", "");
    return master.equals("local") || master.startsWith("local[");
  }
}
