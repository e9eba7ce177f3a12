// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.loss.Reduction;
import io.sparkgrad.spark.allreduce.BarrierRendezvous;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.ProgressEndpoint;
import io.sparkgrad.spark.allreduce.ProgressReporter;
import io.sparkgrad.spark.data.RowStore;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/** The barrier task of one worker: joins the others, trains, and on rank 0 gives the result. */
final class TrainingTask implements Function1<Iterator<byte[]>, Iterator<byte[]>>, Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(TrainingTask.class);

  /** Keys of the metadata of the result. */
  static final String HISTORY = "history";

  static final String FAILURE = "failure";

  private final TrainingPlan plan;
  private final Broadcast<byte[]> weights;
  private final UUID fit;
  private final ProgressEndpoint progress;

  TrainingTask(TrainingPlan plan, Broadcast<byte[]> weights, UUID fit, ProgressEndpoint progress) {
    this.plan = plan;
    this.weights = weights;
    this.fit = fit;
    this.progress = progress;
  }

  @Override
  public Iterator<byte[]> apply(Iterator<byte[]> rows) {
    RowStore store = new RowStore(CollectionConverters.asJava(rows));
    BarrierTaskContext context = BarrierTaskContext.get();
    if (context.stageAttemptNumber() > 0) {
      LOG.warn(
          "attempt {} of the training stage starts over: there is no checkpoint",
          context.stageAttemptNumber());
    }
    try (Communicator communicator =
        BarrierRendezvous.join(context, fit, Duration.ofMillis(plan.timeoutMillis()))) {
      List<byte[]> result =
          communicator.rank() == 0 ? lead(communicator, store) : follow(communicator, store);
      return CollectionConverters.asScala(result.iterator());
    }
  }

  private List<byte[]> lead(Communicator communicator, RowStore store) {
    Module network = network();
    try (ProgressReporter reporter = ProgressReporter.connect(progress)) {
      List<EpochMetrics> history =
          loop(network, communicator, store).run(metrics -> reporter.report(metrics.toJson()));
      return List.of(
          NetworkFactory.weights(network, Map.of(HISTORY, EpochMetrics.toJsonLines(history))));
    } catch (TrainingException e) {
      // Every rank came to the same end: trying again would end there too, so it is a result and
      // not a failed task.
      return List.of(NetworkFactory.weights(network, Map.of(FAILURE, e.getMessage())));
    }
  }

  private List<byte[]> follow(Communicator communicator, RowStore store) {
    try {
      loop(network(), communicator, store).run(metrics -> {});
    } catch (TrainingException e) {
      LOG.warn("training stopped: {}", e.getMessage());
    }
    return List.of();
  }

  private Module network() {
    LOG.info("{}", Backends.cpu());
    Module network = NetworkFactory.restored(plan.architecture(), weights.value());
    NetworkFactory.freeze(network, plan.frozenLayers());
    return network;
  }

  private TrainingLoop loop(Module network, Communicator communicator, RowStore store) {
    return new TrainingLoop(
        plan,
        network,
        new CrossEntropyLoss(Reduction.NONE),
        NetworkFactory.optimizer(plan.optimizer(), network),
        communicator,
        store);
  }
}
