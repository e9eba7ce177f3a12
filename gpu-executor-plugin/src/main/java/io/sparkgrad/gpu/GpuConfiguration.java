// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;

/**
 * Reads an application's configuration on the driver and says what will not work on GPUs and how to
 * make it work, one sentence each. A failure is only what no application gets past; all else, which
 * some application may have wanted, is a warning.
 */
final class GpuConfiguration {
  private static final String TASK_AMOUNT = "spark.task.resource.gpu.amount";
  private static final String EXECUTOR_AMOUNT = "spark.executor.resource.gpu.amount";
  private static final String DYNAMIC_ALLOCATION = "spark.dynamicAllocation.enabled";

  /** The plugin of spark-rapids, and the share of free device memory that its pool takes. */
  private static final String RAPIDS = "com.nvidia.spark.SQLPlugin";

  private static final String RAPIDS_FRACTION = "spark.rapids.memory.gpu.allocFraction";

  private final SparkConf conf;

  GpuConfiguration(SparkConf conf) {
    this.conf = conf;
  }

  /** Why no job of this application can run; empty if nothing speaks against it. */
  Optional<String> failure() {
    if (isSet(TASK_AMOUNT) && isLocal()) {
      return Optional.of(
          ("%s is set, but master %s never assigns resources to tasks, so every job would wait for"
                  + " ever: unset it, or use a cluster")
              .formatted(TASK_AMOUNT, conf.get("spark.master")));
    }
    if (isSet(TASK_AMOUNT) && !isSet(EXECUTOR_AMOUNT)) {
      return Optional.of(
          "%s is set, but executors have no GPU to give to tasks: set %s=1 too"
              .formatted(TASK_AMOUNT, EXECUTOR_AMOUNT));
    }
    return Optional.empty();
  }

  /** What will not work as it may have been meant. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (isLocal() && isSet(EXECUTOR_AMOUNT)) {
      warnings.add(
          "%s has no effect: master %s never assigns resources; use a cluster, or unset it"
              .formatted(EXECUTOR_AMOUNT, conf.get("spark.master")));
    }
    if (!isLocal() && !isSet(EXECUTOR_AMOUNT)) {
      warnings.add(
          "%s is not set, so Spark assigns no GPU to executors: set it to 1"
              .formatted(EXECUTOR_AMOUNT));
    }
    if (!isLocal() && isSet(EXECUTOR_AMOUNT) && conf.getBoolean(DYNAMIC_ALLOCATION, false)) {
      warnings.add(
          ("%s is true, and Spark refuses the barrier stages of distributed training then: set it"
                  + " to false to train")
              .formatted(DYNAMIC_ALLOCATION));
    }
    for (String key : GpuSettings.unknownKeys(conf)) {
      warnings.add(
          "%s is no setting; there are %s"
              .formatted(
                  key,
                  String.join(
                      ", ", GpuSettings.ALL.stream().map(GpuSettings.Setting::key).toList())));
    }
    if (conf.get("spark.plugins", "").contains(RAPIDS) && takesAll()) {
      warnings.add(
          "%s is among spark.plugins, and with %s=1 its pool may take all memory of a GPU: set this to 0.5, say, and %s too"
              .formatted(RAPIDS, RAPIDS_FRACTION, GpuSettings.MEMORY_FRACTION.key()));
    }
    return warnings;
  }

  private boolean takesAll() {
    return conf.getDouble(RAPIDS_FRACTION, 1) >= 1;
  }

  /** Spark takes an amount of 0 as none. */
  private boolean isSet(String amount) {
    return conf.getDouble(amount, 0) > 0;
  }

  /** Whether tasks run inside the driver; local-cluster starts executors. */
  private boolean isLocal() {
    String master = conf.get("spark.master", "");
    return master.equals("local") || master.startsWith("local[");
  }
}
