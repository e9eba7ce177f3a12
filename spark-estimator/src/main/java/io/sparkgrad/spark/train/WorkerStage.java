// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.TaskDevice;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.ResourceProfileManager;
import org.apache.spark.resource.TaskResourceRequests;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The barrier stage of a fit before there are rows for it: what its tasks take of the cluster. */
public final class WorkerStage {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerStage.class);

  private final ResourceProfile profile;

  private WorkerStage(ResourceProfile profile) {
    this.profile = profile;
  }

  /**
   * Decides what each worker takes and waits a little for as many slots of that size. To be called
   * before the first job of a fit, which would wait for ever where no executor can start.
   *
   * @throws InputException if the workers cannot run at once
   */
  public static WorkerStage plan(SparkContext context, WorkerResources asked, int numWorkers) {
    StageLevelScheduling scheduling = StageLevelScheduling.decide(context.getConf(), asked);
    switch (scheduling.verdict()) {
      case REFUSED -> throw new InputException(scheduling.reason());
      case NOT_POSSIBLE -> LOG.warn(scheduling.reason());
      case OWN, APPLICATION -> LOG.info("stage-level scheduling: {}", scheduling.reason());
    }
    ResourceProfileManager profiles = context.resourceProfileManager();
    ResourceProfile profile =
        scheduling.verdict() == StageLevelScheduling.Verdict.OWN
            ? own(profiles, scheduling)
            : profiles.defaultResourceProfile();
    Cluster.requireSlots(context, numWorkers, profile);
    return new WorkerStage(profile);
  }

  /** Spark keeps all profiles for ever, so a second fit takes that of the first. */
  private static ResourceProfile own(ResourceProfileManager profiles, StageLevelScheduling s) {
    TaskResourceRequests requests = new TaskResourceRequests().cpus(s.cpus());
    if (s.gpus() > 0) {
      requests = requests.resource(TaskDevice.GPU, s.gpus());
    }
    ResourceProfile wanted = new ResourceProfileBuilder().require(requests).build();
    scala.Option<ResourceProfile> known = profiles.getEquivalentProfile(wanted);
    if (known.isDefined()) {
      return known.get();
    }
    profiles.addResourceProfile(wanted);
    return wanted;
  }

  /** Lets the stage that computes these rows, and no stage before it, take the resources. */
  public <T> JavaRDD<T> of(JavaRDD<T> rows) {
    return profile.id() == ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID()
        ? rows
        : rows.withResources(profile);
  }
}
