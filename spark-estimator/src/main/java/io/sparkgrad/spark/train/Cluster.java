// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.InputException;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What has to hold before a barrier stage is submitted: otherwise Spark would wait for ten minutes,
 * warning. Speculation needs no refusal: Spark makes no second copies of barrier tasks ({@code
 * TaskSetManager.checkSpeculatableTasks}), and those of other tasks deal out the same rows.
 */
final class Cluster {
  /** Executors register one after the other when an application starts. */
  private static final long REGISTRATION_MILLIS = 30_000;

  private Cluster() {}

  /**
   * Waits a little for executors that are still registering.
   *
   * @throws InputException if the workers cannot run at once
   */
  static void requireSlots(SparkContext sc, int numWorkers) {
    requireStaticAllocation(sc.getConf(), sc.isLocal());
    ResourceProfile profile = sc.resourceProfileManager().defaultResourceProfile();
    long patience = sc.isLocal() ? 0 : REGISTRATION_MILLIS; // threads need no registration
    long deadline = System.nanoTime() + patience * 1_000_000;
    int slots = sc.maxNumConcurrentTasks(profile);
    while (slots < numWorkers && System.nanoTime() < deadline) {
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TrainingException("interrupted while waiting for executors", e);
      }
      slots = sc.maxNumConcurrentTasks(profile);
    }
    if (slots < numWorkers) {
      throw new InputException(
          "numWorkers: asked for %d workers at once, the cluster %s can run %d%s; lower numWorkers or add executors."
              .formatted(numWorkers, sc.master(), slots, demand(profile)));
    }
  }

  /** Where executors are threads, Spark allocates none. */
  static void requireStaticAllocation(SparkConf conf, boolean isLocal) {
    if (!isLocal && conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new InputException(
          "numWorkers: training runs in a barrier stage, which Spark does not run with dynamic allocation; set"
              + " spark.dynamicAllocation.enabled=false.");
    }
  }

  /** What limits the slots besides the number of cores, with the settings to look at. */
  static String demand(ResourceProfile profile) {
    String wanted =
        CollectionConverters.asJava(profile.taskResources()).values().stream()
            .filter(r -> !r.resourceName().equals(ResourceProfile.CPUS()) || r.amount() > 1)
            .map(
                r ->
                    r.resourceName().equals(ResourceProfile.CPUS())
                        ? "spark.task.cpus=%.0f".formatted(r.amount())
                        : "spark.task.resource.%s.amount=%s"
                            .formatted(r.resourceName(), r.amount()))
            .sorted()
            .collect(Collectors.joining(" and "));
    return wanted.isEmpty() ? "" : " where a task takes " + wanted;
  }
}
