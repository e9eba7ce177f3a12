// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.InputException;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;

/**
 * What has to hold before a barrier stage is submitted: otherwise Spark would wait for ten minutes,
 * warning.
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
    if (sc.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new InputException(
          "numWorkers: training runs in a barrier stage, which Spark does not run with dynamic allocation; set"
              + " spark.dynamicAllocation.enabled=false.");
    }
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
          "numWorkers: asked for %d workers at once, the cluster %s can run %d; lower numWorkers or add executors."
              .formatted(numWorkers, sc.master(), slots));
    }
  }
}
