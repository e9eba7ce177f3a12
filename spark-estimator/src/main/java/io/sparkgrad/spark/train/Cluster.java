// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.TaskDevice;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.TaskResourceRequest;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What has to hold before a barrier stage is submitted: otherwise Spark would wait for ten minutes,
 * warning. Speculation needs no refusal: Spark makes no second copies of barrier tasks ({@code
 * TaskSetManager.checkSpeculatableTasks}), and those of other tasks deal out the same rows.
 */
final class Cluster {
  /** The id of the one executor that is none. */
  private static final String DRIVER = "driver";

  /** After as many that ended while a fit waited, the next will not start either. */
  private static final int LOST_EXECUTORS = 3;

  private Cluster() {}

  /**
   * What is known of the executors.
   *
   * @param running how many
   * @param lost why each of the others ended, the last one last
   */
  record Executors(int running, List<String> lost) {
    static Executors of(SparkContext sc) {
      List<ExecutorSummary> all =
          CollectionConverters.asJava(sc.statusStore().executorList(false)).stream()
              .filter(e -> !e.id().equals(DRIVER))
              .toList();
      return new Executors(
          (int) all.stream().filter(ExecutorSummary::isActive).count(),
          all.stream()
              .filter(e -> e.removeReason().isDefined())
              .sorted(Comparator.comparing(e -> e.removeTime().get().toInstant()))
              .map(e -> e.removeReason().get())
              .toList());
    }

    /** Whether executors have come and gone since, and none has stayed. */
    boolean cannotStart(Executors before) {
      return running == 0 && lost.size() - before.lost.size() >= LOST_EXECUTORS;
    }
  }

  /**
   * Waits a little for executors that are still registering.
   *
   * @param profile what each worker takes
   * @throws InputException if the workers cannot run at once
   */
  static void requireSlots(SparkContext sc, int numWorkers, ResourceProfile profile) {
    // Executors register one after the other when an application starts; threads need not.
    long seconds =
        sc.isLocal()
            ? 0
            : sc.getConf()
                .getTimeAsSeconds("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s");
    long deadline = System.nanoTime() + seconds * 1_000_000_000;
    int slots = sc.maxNumConcurrentTasks(profile);
    Executors before = Executors.of(sc);
    Executors executors = before;
    while (slots < numWorkers && System.nanoTime() < deadline && !executors.cannotStart(before)) {
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TrainingException("interrupted while waiting for executors", e);
      }
      slots = sc.maxNumConcurrentTasks(profile);
      executors = Executors.of(sc);
    }
    if (slots < numWorkers) {
      throw new InputException(
          "numWorkers: asked for %d workers of %s at once, the cluster %s can run %s."
              .formatted(
                  numWorkers,
                  demand(cpus(sc, profile), gpus(profile)),
                  sc.master(),
                  sc.isLocal() || executors.running() > 0
                      ? slots + remedy(slots, profile)
                      : "none: " + whyNone(sc, executors, seconds)));
    }
  }

  private static int cpus(SparkContext sc, ResourceProfile profile) {
    TaskResourceRequest request = profile.taskResourcesJMap().get(ResourceProfile.CPUS());
    return request == null ? sc.getConf().getInt("spark.task.cpus", 1) : (int) request.amount();
  }

  private static double gpus(ResourceProfile profile) {
    TaskResourceRequest request = profile.taskResourcesJMap().get(TaskDevice.GPU);
    return request == null ? 0 : request.amount();
  }

  private static String remedy(int slots, ResourceProfile profile) {
    if (slots == 0) {
      return ": no executor has as much free";
    }
    boolean own = profile.id() != ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID();
    String share = own ? "gpusPerWorker" : "spark.task.resource.gpu.amount";
    return ": set numWorkers=%d, %sor add executors"
        .formatted(
            slots, gpus(profile) > 0 ? "let workers share GPUs (%s), ".formatted(share) : "");
  }

  private static String whyNone(SparkContext sc, Executors executors, long seconds) {
    if (!executors.lost().isEmpty()) {
      return "no executor is left, and the last ended with: "
          + executors.lost().get(executors.lost().size() - 1).strip();
    }
    int gpus = sc.getConf().getInt("spark.executor.resource.gpu.amount", 0);
    return "no executor has registered within %d s; each asks for %s%s of one machine, and no worker may have that free"
        .formatted(
            seconds,
            sc.getConf().get("spark.executor.memory", "1g") + " of memory",
            gpus == 0 ? "" : " and spark.executor.resource.gpu.amount=" + gpus);
  }

  /** In words. */
  static String demand(int cpus, double gpus) {
    String cores = cpus == 1 ? "1 core" : cpus + " cores";
    return gpus == 0 ? cores : "%s GPU and %s".formatted(number(gpus), cores);
  }

  /** Without a point if it is whole. */
  static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
