// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.spark.BarrierTaskContext;

/**
 * How the tasks of a barrier stage find each other: one {@code allGather} of addresses that are
 * already bound.
 *
 * <p>A task comes here when it has loaded its rows. Those were dealt by a stage before, so that
 * slow storage delays no task of the barrier stage; what loading waits for is other executors'
 * shuffle files, and Spark ends that wait ({@code spark.network.timeout}) as it ends that for an
 * executor without heartbeats. The deadline of the ranks must not: a rank with many rows comes
 * late.
 */
public final class BarrierRendezvous {
  private BarrierRendezvous() {}

  /**
   * Connects this task with the others of its stage attempt.
   *
   * @param fit random number of the fit, equal on all tasks
   * @param deadline how long a rank waits for another, which has come here too, before it fails
   * @throws CommunicationException if a rank does not come within {@code
   *     spark.barrier.sync.timeout} or cannot be connected with
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
      link.connect(meet(context, link.address()));
      return new RingCommunicator(link);
    } catch (RuntimeException | Error e) {
      link.close();
      throw e;
    }
  }

  /** The addresses of all ranks, when all have loaded their rows. */
  private static List<String> meet(BarrierTaskContext context, String address) {
    long start = System.nanoTime();
    try {
      return List.of(context.allGather(address));
    } catch (Exception e) {
      if (e instanceof RuntimeException killed) {
        throw killed;
      }
      throw new CommunicationException(
          "rank %d (%s) waited %.1f s in attempt %d for the other ranks to load their rows and come to the rendezvous; raise spark.barrier.sync.timeout if they need longer: %s"
              .formatted(
                  context.partitionId(),
                  address,
                  (System.nanoTime() - start) * 1e-9,
                  context.stageAttemptNumber(),
                  e.getMessage()),
          e);
    }
  }
}
