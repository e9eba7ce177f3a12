// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.allreduce.BarrierRendezvous;
import io.sparkgrad.spark.allreduce.CommunicationException;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.ProgressEndpoint;
import io.sparkgrad.spark.allreduce.ProgressReporter;
import io.sparkgrad.spark.checkpoint.CheckpointStore;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.RecordStores;
import io.sparkgrad.spark.data.RowSpec;
import io.sparkgrad.spark.data.TaskRecordStores;
import io.sparkgrad.spark.data.WorkerRows;
import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.device.TaskDevice;
import io.sparkgrad.spark.progress.StepProgress;
import io.sparkgrad.spark.summary.EpochSummary;
import io.sparkgrad.spark.summary.TrainingSummary;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The barrier task of one worker: joins the others, trains on as many threads as the task has
 * cores, and on rank 0 gives the result.
 */
final class TrainingTask implements Function1<Iterator<byte[]>, Iterator<byte[]>>, Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(TrainingTask.class);

  /** Keys of the metadata of the result. */
  static final String SUMMARY = "summary";

  static final String FAILURE = "failure";

  /** Of this kind any rank may give one, and it goes before a failure. */
  static final String BAD_INPUT = "bad input";

  private final TrainingPlan plan;
  private final RowSpec rows;
  private final Broadcast<byte[]> weights;
  private final UUID fit;
  private final ProgressEndpoint progress;

  TrainingTask(
      TrainingPlan plan,
      RowSpec rows,
      Broadcast<byte[]> weights,
      UUID fit,
      ProgressEndpoint progress) {
    this.plan = plan;
    this.rows = rows;
    this.weights = weights;
    this.fit = fit;
    this.progress = progress;
  }

  @Override
  public Iterator<byte[]> apply(Iterator<byte[]> dealt) {
    BarrierTaskContext context = BarrierTaskContext.get();
    boolean retry = context.stageAttemptNumber() > 0;
    CheckpointRecord record = plan.faults().checkpoints();
    if (retry && record == null) {
      LOG.warn(
          "attempt {} of the training stage starts over: there is no checkpointDir",
          context.stageAttemptNumber());
    }
    RecordStores stores = TaskRecordStores.current();
    try (WorkerRows own = WorkerRows.load(CollectionConverters.asJava(dealt), rows, stores);
        var threads = CpuThreads.setNumThreads(context.cpus());
        Communicator communicator =
            BarrierRendezvous.join(context, fit, Duration.ofMillis(plan.faults().timeoutMillis()));
        CheckpointStore store = store(record, communicator);
        ProgressReporter reporter = reporter(communicator)) {
      Share share =
          new Share(own.training(), own.validation(), own.rejection(), own.fingerprint(), stores);
      var checkpoints =
          record == null
              ? null
              : new Checkpoints.Options(store, record.policy(), record.identity(), retry);
      return CollectionConverters.asScala(
          train(communicator, share, checkpoints, reporter).iterator());
    }
  }

  private static CheckpointStore store(
      @Nullable CheckpointRecord record, Communicator communicator) {
    return record == null || communicator.rank() > 0
        ? CheckpointStore.NONE
        : record.location().open();
  }

  private ProgressReporter reporter(Communicator communicator) {
    return communicator.rank() == 0
        ? ProgressReporter.connect(progress)
        : ProgressReporter.silent();
  }

  /**
   * The trained weights, from rank 0. What ends training on all ranks together is a result and not
   * an exception: to try again would end there again.
   */
  private List<byte[]> train(
      Communicator communicator,
      Share share,
      Checkpoints.@Nullable Options checkpoints,
      ProgressReporter reporter) {
    BarrierTaskContext context = BarrierTaskContext.get();
    boolean leads = communicator.rank() == 0;
    TrainingLoop loop = null;
    try (var device = DefaultBackend.set(device(communicator));
        var precision = MatmulPrecision.set(plan.device().precision())) {
      Module network = network();
      loop = new TrainingLoop(plan, network, communicator, share, checkpoints);
      TrainingSummary summary =
          loop.run(
              new TrainingListener() {
                @Override
                public void stepped(StepProgress progress) {
                  context.killTaskIfInterrupted(); // one worker alone waits for nobody
                  reporter.report(progress.toJson());
                }

                @Override
                public void evaluating() {
                  context.killTaskIfInterrupted();
                }

                @Override
                public void completed(EpochSummary epoch) {
                  context.killTaskIfInterrupted();
                  reporter.report(epoch.toJson());
                }
              });
      return leads
          ? List.of(NetworkFactory.weights(network, Map.of(SUMMARY, summary.toJson())))
          : List.of();
    } catch (InputException e) {
      return List.of(failure(BAD_INPUT, e));
    } catch (TrainingException e) {
      return leads ? List.of(failure(FAILURE, withCheckpoint(e, checkpoints))) : List.of();
    } catch (RuntimeException | Error e) {
      String sentence = sentence(communicator.rank(), loop, e);
      communicator.abort(sentence); // or the others would know of a closed connection only
      throw new WorkerException(sentence, e);
    }
  }

  /** What the driver is told of a failure that another attempt may not have. */
  private static String sentence(int rank, @Nullable TrainingLoop loop, Throwable cause) {
    BarrierTaskContext context = BarrierTaskContext.get();
    return "rank %d (host %s, partition %d, attempt %d) failed %s: %s"
        .formatted(
            rank,
            host(),
            context.partitionId(),
            context.stageAttemptNumber(),
            loop == null ? "before the first step" : loop.place(),
            cause instanceof CommunicationException ? cause.getMessage() : cause);
  }

  private static TrainingException withCheckpoint(
      TrainingException e, Checkpoints.@Nullable Options checkpoints) {
    if (checkpoints == null) {
      return e;
    }
    checkpoints.store().flush();
    return new TrainingException(
        "%s The last good checkpoint is %s."
            .formatted(e.getMessage(), checkpoints.store().lastComplete().orElse("none")),
        e);
  }

  private static byte[] failure(String kind, RuntimeException e) {
    return NetworkFactory.encode(Map.of(), Map.of(kind, String.valueOf(e.getMessage())));
  }

  private static String host() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }

  private Backend device(Communicator communicator) {
    DevicePreference wanted = plan.device().preference();
    TaskDevice own = wanted.choose(BarrierTaskContext.get());
    Backend agreed = DeviceAgreement.agree(communicator, wanted, own, host());
    LOG.info(
        "{}", agreed.deviceType() == DeviceType.CPU ? Backends.cpu() : "backend " + agreed.name());
    return agreed;
  }

  private Module network() {
    Module network = NetworkFactory.restored(plan.network().architecture(), weights.value());
    NetworkFactory.freeze(network, plan.network().frozenLayers());
    return network;
  }
}
