// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.Readback;
import io.sparkgrad.nn.BatchNorm;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.optim.GradientClipping;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.spark.allreduce.FloatFormat;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.train.GradientSynchronizer.Global;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of the optimiser: the gradients of one batch or more of this worker, then those of all
 * workers together, bounded, applied.
 */
final class TrainingStep implements AutoCloseable {
  private final Module network;
  private final RowLoss loss;
  private final Optimizer<?> optimizer;
  private final OptimizerSettings.Gradients settings;
  private final List<Parameter> trainable;
  private final @Nullable StatisticsGroup statistics;
  private final GradientSynchronizer synchronizer;
  private double stepLoss;
  private double stepWeight;

  /**
   * Steps of a network.
   *
   * @param syncBatchNorm whether batch norms in train mode take their statistics from the batches
   *     of all ranks together
   */
  TrainingStep(
      Module network,
      Objective objective,
      Optimizer<?> optimizer,
      OptimizerSettings.Gradients settings,
      boolean syncBatchNorm,
      TimedCommunicator communicator) {
    this.network = network;
    this.loss = new RowLoss(objective);
    this.optimizer = optimizer;
    this.settings = settings;
    this.trainable = network.parameters().stream().filter(Tensor::requiresGrad).toList();
    List<BatchNorm> meeting = syncBatchNorm ? StatisticsGroup.layers(network) : List.of();
    this.synchronizer =
        new GradientSynchronizer(
            communicator,
            trainable,
            GradientSynchronizer.Settings.ofBuckets(settings.bucketBytes())
                .withHolding(!meeting.isEmpty())
                .withFormat(
                    switch (settings.compression()) {
                      case NONE -> FloatFormat.FLOAT32;
                      case BF16 -> FloatFormat.BFLOAT16;
                    }));
    this.statistics =
        meeting.isEmpty() || communicator.worldSize() == 1
            ? null
            : new StatisticsGroup(communicator, synchronizer, meeting);
  }

  /** Begins the step. */
  void begin() {
    optimizer.zeroGrad();
    synchronizer.begin();
    stepLoss = 0;
    stepWeight = 0;
  }

  /** Begins again, after a batch that could not be computed; its gradients take no memory then. */
  void restart() {
    try (var scope = TensorScope.open()) {
      optimizer.zeroGrad();
    }
    synchronizer.restart();
    stepLoss = 0;
    stepWeight = 0;
  }

  /**
   * Adds the gradients of a batch of at least one row, and what it comes to, to the sums.
   *
   * @param last whether it is this worker's last batch of the step
   */
  void accumulate(Batch batch, EvaluationSums sums, boolean last) {
    Tensor output = network.call(batch.inputs());
    RowLoss.Sum lossOfBatch = loss.of(output, batch);
    if (last) {
      synchronizer.expectLast();
    }
    // Asked for before backward, so that a GPU still has that to do when they are here.
    Readback lossSum = lossOfBatch.sum().readback();
    Readback outputs = output.readback();
    lossOfBatch.sum().backward();
    double sum = lossSum.doubles()[0];
    stepLoss += sum;
    stepWeight += lossOfBatch.weight();
    if (Double.isFinite(sum)) { // else the step is not made
      sums.add(outputs.floats(), output.shape(), batch, sum, lossOfBatch.weight());
    }
  }

  /** The sum over this rank's rows of the step. */
  double loss() {
    return stepLoss;
  }

  /** Whether the ranks meet in each batch, so that one without rows has to {@link #accompany}. */
  boolean meetsInBatches() {
    return statistics != null;
  }

  /** Takes part in a batch of the other ranks with inputs of any kind, which count for nothing. */
  void accompany(List<Tensor> inputs) {
    if (statistics == null) {
      return;
    }
    synchronizer.complete();
    statistics.setIdle(true);
    try {
      network.call(inputs).sum().backward();
    } finally {
      statistics.setIdle(false);
    }
  }

  /** Averages the gradients over all ranks; each rank calls it. */
  Global average(Attempt attempt) {
    if (statistics != null) {
      statistics.meet(attempt.failures());
    }
    return synchronizer.average(new Global(stepWeight, stepLoss, attempt.failures()));
  }

  /** Bounds the gradients and applies them. */
  void apply() {
    if (settings.clipValue() > 0) {
      GradientClipping.clipGradValue(trainable, settings.clipValue());
    }
    if (settings.clipNorm() > 0) {
      GradientClipping.clipGradNorm(trainable, settings.clipNorm());
    }
    optimizer.step();
  }

  /** Ends what runs beside the step. */
  @Override
  public void close() {
    synchronizer.close();
  }
}
