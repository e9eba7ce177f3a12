// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.device.TaskDevice;
import org.apache.spark.SparkConf;

/**
 * Whether the barrier stage of a fit asks Spark for other resources than the application's tasks
 * have, so that no other stage holds a GPU: a function of configuration and Params alone. Such a
 * stage runs on the executors there are; executors of its own would need dynamic allocation, with
 * which Spark runs no barrier stage.
 *
 * @param cpus cores of each worker, where the stage has resources of its own
 * @param gpus likewise, 0 for none
 * @param reason one sentence; of what is refused or not possible, with what to set
 */
record StageLevelScheduling(Verdict verdict, int cpus, double gpus, String reason) {
  private static final String TASK_GPUS = "spark.task.resource.gpu.amount";
  private static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";
  private static final String TASK_CPUS = "spark.task.cpus";
  private static final String EXECUTOR_CORES = "spark.executor.cores";

  enum Verdict {
    /** The stage has resources of its own. */
    OWN,
    /** The stage has those of the application's tasks, which are right. */
    APPLICATION,
    /** The same, because this master cannot do what was asked for. */
    NOT_POSSIBLE,
    /** The fit could not run. */
    REFUSED
  }

  static StageLevelScheduling decide(SparkConf conf, WorkerResources asked) {
    String master = conf.get("spark.master", "");
    boolean local = TaskDevice.isLocal(conf);
    double taskGpus = conf.getDouble(TASK_GPUS, 0);
    double executorGpus = conf.getDouble(EXECUTOR_GPUS, 0);
    int taskCpus = conf.getInt(TASK_CPUS, 1);
    int cpus = asked.cpus().orElse(taskCpus);
    boolean mayUseGpu = asked.device() != DevicePreference.CPU;
    double gpus = mayUseGpu && executorGpus > 0 ? asked.gpus() : taskGpus;
    if (local && taskGpus > 0) {
      return refused(
          "%s is set, but master %s never assigns resources to tasks, so every job would wait for ever; unset it, or use a cluster."
              .formatted(TASK_GPUS, master));
    }
    if (!local && conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      return refused(
          "numWorkers: training runs in a barrier stage, which Spark does not run with dynamic allocation; set spark.dynamicAllocation.enabled=false.");
    }
    if (!local && cpus > conf.getInt(EXECUTOR_CORES, Integer.MAX_VALUE)) {
      return refused(
          "cpusPerWorker: asked for %d cores, an executor has %d; lower cpusPerWorker or raise %s."
              .formatted(cpus, conf.getInt(EXECUTOR_CORES, 0), EXECUTOR_CORES));
    }
    if (gpus == taskGpus && cpus == taskCpus) {
      return new StageLevelScheduling(Verdict.APPLICATION, cpus, gpus, why(mayUseGpu, taskGpus));
    }
    if (!schedulesStages(master)) {
      return new StageLevelScheduling(
          Verdict.NOT_POSSIBLE,
          taskCpus,
          taskGpus,
          gpus == taskGpus
              ? notPossible("cpusPerWorker=" + cpus, master, "set %s=%d".formatted(TASK_CPUS, cpus))
              : notPossible(
                  "gpusPerWorker=" + Cluster.number(gpus),
                  master,
                  local
                      ? "unset %s, or use a cluster".formatted(EXECUTOR_GPUS)
                      : "set %s=%s".formatted(TASK_GPUS, Cluster.number(gpus))));
    }
    return new StageLevelScheduling(
        Verdict.OWN,
        cpus,
        gpus,
        "each worker takes %s, other stages take what spark.task.* says"
            .formatted(Cluster.demand(cpus, gpus)));
  }

  /** As {@code ResourceProfileManager.isSupported} of Spark 4.1. */
  private static boolean schedulesStages(String master) {
    return master.startsWith("spark://")
        || master.startsWith("local-cluster[")
        || master.equals("yarn")
        || master.startsWith("k8s://");
  }

  private static String why(boolean mayUseGpu, double taskGpus) {
    if (taskGpus > 0) {
      return "all tasks take %s=%s".formatted(TASK_GPUS, Cluster.number(taskGpus));
    }
    return mayUseGpu
        ? "executors have no GPU: %s is not set".formatted(EXECUTOR_GPUS)
        : "device is cpu";
  }

  private static StageLevelScheduling refused(String reason) {
    return new StageLevelScheduling(Verdict.REFUSED, 0, 0, reason);
  }

  private static String notPossible(String param, String master, String remedy) {
    return "%s has no effect: master %s does not schedule stages with resources of their own; %s."
        .formatted(param, master, remedy);
  }
}
