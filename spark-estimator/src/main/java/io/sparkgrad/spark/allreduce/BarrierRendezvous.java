// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.spark.BarrierTaskContext;

/**
 * How the tasks of a barrier stage find each other: one {@code allGather} of addresses that are
 * already bound.
 */
public final class BarrierRendezvous {
  private BarrierRendezvous() {}

  /**
   * Connects this task with the others of its stage attempt.
   *
   * @param fit random number of the fit, equal on all tasks
   * @param deadline how long a rank waits for another before it fails
   */
  public static Communicator join(BarrierTaskContext context, UUID fit, Duration deadline) {
    int worldSize = context.getTaskInfos().length;
    if (worldSize == 1) {
      return new SingleWorkerCommunicator();
    }
    var site = SparkTransport.Site.ofThisProcess();
    var self =
        new Greeting(
            site.application(),
            fit,
            context.stageAttemptNumber(),
            context.partitionId(),
            worldSize);
    SparkLink link = new SparkLink(site, self, deadline);
    try {
      link.connect(List.of(context.allGather(link.address())));
      return new RingCommunicator(link);
    } catch (RuntimeException e) {
      link.close();
      throw e;
    }
  }
}
