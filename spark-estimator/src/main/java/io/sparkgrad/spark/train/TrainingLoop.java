// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.nn.BatchNorm;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.checkpoint.Position;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import io.sparkgrad.spark.progress.StepProgress;
import io.sparkgrad.spark.progress.StepReports;
import io.sparkgrad.spark.summary.EpochSummary;
import io.sparkgrad.spark.summary.TrainingSummary;
import io.sparkgrad.spark.train.NetworkSettings.FeatureCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains one worker's copy of the network in step with the others. Every rank makes the same number
 * of steps; one that has no rows left takes part with weight zero. All ranks start from the same
 * weights and apply the same gradients, so their weights are equal after every step, bit for bit.
 * What is measured is summed over the ranks, so that they decide alike. Knows nothing of Spark.
 */
final class TrainingLoop {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

  private final TrainingPlan plan;
  private final Module network;
  private final TimedCommunicator communicator;
  private final Share share;
  private final Checkpoints.@Nullable Options record;
  private final PhaseClock clock = new PhaseClock();
  private @Nullable TrainingPass running;

  /**
   * Prepares the loop.
   *
   * @param network with the weights to start from, equal on all ranks, and what is frozen frozen
   * @param record where the run is written down and goes on from; null for nowhere, on all ranks
   */
  TrainingLoop(
      TrainingPlan plan,
      Module network,
      Communicator communicator,
      Share share,
      Checkpoints.@Nullable Options record) {
    this.plan = plan;
    this.network = network;
    this.communicator = new TimedCommunicator(communicator, clock);
    this.share = share;
    this.record = record;
  }

  /**
   * Runs all epochs, or as many as the validation loss asks for. Leaves the network with the
   * resulting weights, in eval mode.
   *
   * @param listener is told of its steps and of each finished epoch
   * @throws InputException on the rank with the first row that cannot be used; on all if there are
   *     no rows, or none that weighs anything, or no validation rows to decide by
   * @throws TrainingException on all ranks at once if the loss is not finite, and on the others if
   *     one cannot go on
   */
  TrainingSummary run(TrainingListener listener) {
    long start = System.nanoTime();
    StepReports steps = new StepReports(listener::stepped, System::nanoTime);
    try (Epochs epochs = new Epochs(GlobalSizes.agree(communicator, share, plan), steps)) {
      epochs.resume();
      for (boolean first = true; !epochs.history.isComplete(); first = false) {
        listener.completed(epochs.next(listener::evaluating));
        if (first && communicator.rank() == 0) {
          LOG.info("cacheFrozenFeatures: {}", epochs.cacheUse());
        }
      }
      epochs.finish();
      return epochs.history.summary(fit((System.nanoTime() - start) * 1e-9));
    }
  }

  /** For messages: where the loop is, as in "in step 3 of epoch 1". */
  String place() {
    if (running == null) {
      return "before the first step";
    }
    Position position = running.position();
    return "in step %d of epoch %d".formatted(position.step() + 1, position.epoch());
  }

  /** One epoch after the other. */
  private final class Epochs implements AutoCloseable {
    final RunHistory history;
    private final LearningRates rates;
    private final TrainingStep step;
    private final TrainingPass pass;
    private final RunningStatistics statistics =
        new RunningStatistics(network, communicator, share.training().size());
    private final @Nullable Evaluator evaluator;
    private final boolean restores;
    private final BestWeights best = new BestWeights(network);
    private final @Nullable Checkpoints checkpoints;
    private EvaluationSums sums = new EvaluationSums(plan.objective());
    private Position position = Position.START;

    /** Why the frozen prefix does not go on. */
    private final String end;

    /** What the epochs read from, in the order of opening. */
    private final List<FrozenFeatures> features = new ArrayList<>();

    /** Null where nothing is read ahead. */
    private final @Nullable ReadAhead reader =
        DefaultBackend.get().deviceType() == DeviceType.GPU
            ? new ReadAhead(communicator.rank())
            : null;

    Epochs(GlobalSizes sizes, StepReports reports) {
      switchToTraining();
      refuseToSplitWhatMixesRows();
      FrozenPrefix prefix = prefix();
      end = prefix.end();
      restores = sizes.validates() && plan.validation().restoreBest();
      history = new RunHistory(plan.validation(), plan.passes().epochs(), restores);
      Optimizer<?> optimizer = Optimizers.of(plan.optimizer(), network);
      rates = new LearningRates(plan.schedule(), optimizer, sizes.steps(), plan.passes().epochs());
      step =
          new TrainingStep(
              prefix.rest(),
              plan.objective(),
              optimizer,
              plan.optimizer().gradients(),
              plan.network().syncBatchNorm(),
              communicator);
      checkpoints =
          record == null
              ? null
              : new Checkpoints(
                  record,
                  new RunState(network, optimizer, rates, best, history, communicator),
                  communicator,
                  sizes.steps(),
                  share.fingerprint());
      Rows training = features(share.training(), prefix);
      pass =
          new TrainingPass(
              plan,
              training,
              step,
              rates,
              communicator,
              sizes,
              (done, soFar) -> stepped(done, soFar, sizes.steps(), reports));
      Rows validation = features(share.validation(), prefix);
      evaluator = sizes.validates() ? new Evaluator(plan, prefix.rest(), validation) : null;
    }

    /** Goes on from a checkpoint if there is one. */
    void resume() {
      if (checkpoints != null) {
        position = checkpoints.resume(sums).orElse(Position.START);
      }
    }

    private void stepped(Position done, EvaluationSums soFar, int steps, StepReports reports) {
      reports.stepped(
          () ->
              new StepProgress(
                  done.epoch(), plan.passes().epochs(), done.step(), steps, soFar.meanLoss()));
      if (checkpoints != null && done.step() < steps) {
        checkpoints.afterStep(done, soFar);
      }
    }

    /** Whether features are cached and why, after the first epoch. */
    String cacheUse() {
      if (features.isEmpty()) {
        return "not used: " + end;
      }
      return plan.passes().epochs() == 1
          ? "not used: there is but one epoch"
          : features.get(0).use();
    }

    /** The rows as what is behind the frozen prefix takes them. */
    private Rows features(Rows rows, FrozenPrefix prefix) {
      Rows timed = new TimedRows(reader == null ? rows : reader.of(rows), clock);
      if (prefix.isEmpty()) {
        return timed;
      }
      FeatureCache cache =
          plan.passes().epochs() == 1 ? FeatureCache.OFF : plan.network().cacheFrozenFeatures();
      FrozenFeatures frozen = new FrozenFeatures(timed, prefix, cache, share.stores());
      features.add(frozen);
      return frozen;
    }

    EpochSummary next(Runnable check) {
      clock.lap();
      long sentBefore = communicator.bytesSent();
      switchToTraining();
      running = pass;
      TrainingPass.Result trained = pass.run(position, sums);
      statistics.average();
      network.eval();
      EvaluationSums.Total validated =
          evaluator == null ? null : evaluator.evaluate(communicator, check);
      EpochSummary summary =
          new EpochSummary(
              position.epoch(),
              plan.passes().epochs(),
              trained.total().evaluation(),
              validated == null ? null : validated.evaluation(),
              trained.learningRate(),
              clock.lap(),
              communicator.bytesSent() - sentBefore);
      rates.afterEpoch(RunHistory.watchedLoss(summary));
      if (history.add(summary, (validated == null ? trained.total() : validated).confusion())
          && restores) {
        best.keep();
      }
      position = new Position(position.epoch() + 1, 0);
      sums = new EvaluationSums(plan.objective());
      if (checkpoints != null) {
        checkpoints.afterEpoch(position, history.isComplete(), sums);
      }
      return summary;
    }

    @Override
    public void close() {
      step.close();
      if (reader != null) {
        reader.close();
      }
      features.forEach(FrozenFeatures::close);
    }

    void finish() {
      if (restores) {
        best.restore();
      }
      if (checkpoints != null) {
        checkpoints.finish();
      }
      network.eval();
    }
  }

  private FrozenPrefix prefix() {
    FrozenPrefix prefix = FrozenPrefix.of(network);
    if (prefix.isEmpty() && plan.network().cacheFrozenFeatures() == FeatureCache.ON) {
      throw new InputException(
          "cacheFrozenFeatures: on, but the network does not begin with frozen layers that put out the same each time: %s."
              .formatted(prefix.end()));
    }
    return prefix;
  }

  private void refuseToSplitWhatMixesRows() {
    if (plan.device().onOutOfMemory() == OutOfMemory.SPLIT) {
      RowwiseLayers.mixing("network", network)
          .ifPresent(
              objection -> {
                throw new InputException(
                    "onOutOfMemory: split, but halves of a batch would not give the gradient of the whole: %s; set it to fail and choose batchSize, or freeze the layer with frozenBatchNorm=true."
                        .formatted(objection));
              });
    }
  }

  /** A frozen batch norm may have to stay as it is, its statistics included. */
  private void switchToTraining() {
    network.train();
    if (!plan.network().frozenBatchNorm()) {
      return;
    }
    for (Module module : network.namedModules().values()) {
      List<Parameter> parameters = module.parameters();
      if (module instanceof BatchNorm
          && !parameters.isEmpty()
          && parameters.stream().noneMatch(Tensor::requiresGrad)) {
        module.eval();
      }
    }
  }

  private TrainingSummary.Fit fit(double seconds) {
    long trained = 0;
    long frozen = 0;
    for (Parameter p : network.parameters()) {
      trained += p.requiresGrad() ? p.numel() : 0;
      frozen += p.requiresGrad() ? 0 : p.numel();
    }
    return new TrainingSummary.Fit(communicator.worldSize(), trained, frozen, seconds, Map.of());
  }
}
