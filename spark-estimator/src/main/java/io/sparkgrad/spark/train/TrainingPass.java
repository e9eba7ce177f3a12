// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.checkpoint.Position;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.device.BatchPieces;
import io.sparkgrad.spark.train.FaultSettings.NonFinite;
import io.sparkgrad.spark.train.GradientSynchronizer.Global;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes all rows of a worker once, in steps that all ranks make together. */
final class TrainingPass {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingPass.class);

  private final TrainingPlan plan;
  private final Rows rows;
  private final TrainingStep step;
  private final LearningRates rates;
  private final Communicator communicator;
  private final GlobalSizes sizes;
  private final StepListener listener;
  private final PassRandom random;
  private final BatchPieces pieces;
  private Position position = Position.START;
  private boolean applied;

  /** Is told of each step, on every rank. */
  @FunctionalInterface
  interface StepListener {
    /**
     * After a step.
     *
     * @param done the place behind it
     * @param sums of this rank's rows of the epoch so far
     */
    void stepped(Position done, EvaluationSums sums);
  }

  /** A pass that can be made again and again. */
  TrainingPass(
      TrainingPlan plan,
      Rows rows,
      TrainingStep step,
      LearningRates rates,
      Communicator communicator,
      GlobalSizes sizes,
      StepListener listener) {
    this.plan = plan;
    this.rows = rows;
    this.step = step;
    this.rates = rates;
    this.communicator = communicator;
    this.sizes = sizes;
    this.listener = listener;
    this.random = new PassRandom(plan.passes().seed(), communicator.rank());
    this.pieces = new BatchPieces(plan.device().onOutOfMemory(), "batchSize", 1);
  }

  /**
   * What a pass came to.
   *
   * @param learningRate of the last step
   */
  record Result(EvaluationSums.Total total, double learningRate) {}

  /**
   * Makes the pass, with the network in train mode.
   *
   * @param from where in the epoch to begin
   * @param sums of the steps before
   */
  Result run(Position from, EvaluationSums sums) {
    int epoch = from.epoch();
    int[] order =
        plan.passes().shuffle()
            ? random.permutation(epoch, rows.size())
            : IntStream.range(0, rows.size()).toArray();
    int accumulation = plan.optimizer().gradients().accumulation();
    double learningRate = rates.first();
    int skipped = 0;
    for (int done = from.step(); done < sizes.steps(); done++) {
      position = new Position(epoch, done);
      learningRate = rates.first();
      random.startStep(position);
      int first = done * accumulation;
      Global global = step(order, first, Math.min(sizes.batches(), first + accumulation), sums);
      if (!Double.isFinite(global.loss())) {
        nonFinite(global.loss(), learningRate);
        skipped++;
      }
      rates.afterStep();
      listener.stepped(new Position(epoch, done + 1), sums);
    }
    position = new Position(epoch, sizes.steps());
    EvaluationSums.Total total = sums.over(communicator, new Attempt());
    if (total.weight() == 0 && skipped > 0) {
      throw new TrainingException(
          "no step of epoch %d had a finite loss; lower learningRate (%s now) or look for %s."
              .formatted(epoch, learningRate, suspects()));
    }
    if (total.weight() == 0) {
      throw new InputException("weightCol: all rows weigh 0; give some a positive weight.");
    }
    return new Result(total, learningRate);
  }

  /** The place before the step that is made now, or was made last. */
  Position position() {
    return position;
  }

  /** Every rank sees the same sum and so comes here with the others. */
  private void nonFinite(double loss, double learningRate) {
    double[][] losses = communicator.allGather(new double[] {step.loss()});
    int rank = 0;
    while (rank < losses.length - 1 && Double.isFinite(losses[rank][0])) {
      rank++;
    }
    String sentence =
        "the loss became %s on rank %d in step %d of epoch %d"
            .formatted(loss, rank, position.step() + 1, position.epoch());
    if (plan.faults().onNonFinite() == NonFinite.FAIL) {
      throw new TrainingException(
          "%s; lower learningRate (%s now), look for %s, or set onNonFinite=skip."
              .formatted(sentence, learningRate, suspects()));
    }
    if (communicator.rank() == 0) {
      LOG.warn("{}: the step is skipped (onNonFinite=skip)", sentence);
    }
  }

  /** On a GPU outputs that are no probabilities show in the loss alone. */
  private String suspects() {
    return plan.objective().loss().equals("bce")
        ? "extreme feature values and for outputs outside 0 to 1 (logits go to bceWithLogits)"
        : "extreme feature values";
  }

  /**
   * One step, with the same collective calls whether a rank computes its batches whole, in pieces,
   * or again: what was sent before is not sent again.
   */
  private Global step(int[] order, int first, int last, EvaluationSums sums) {
    Attempt attempt = new Attempt();
    try (var scope = TensorScope.open()) {
      step.begin();
      attempt.run(
          () -> pieces.run(() -> batches(order, first, last, sums), () -> restarting(sums)));
      Global global = step.average(attempt);
      attempt.proceed(global.failures());
      if (global.weight() > 0 && Double.isFinite(global.loss())) {
        apply();
      }
      return global;
    }
  }

  private Runnable restarting(EvaluationSums sums) {
    Runnable restoring = sums.restoring();
    return () -> {
      step.restart();
      restoring.run();
    };
  }

  private void batches(int[] order, int first, int last, EvaluationSums sums) {
    for (int batch = first; batch < last; batch++) {
      int from = Math.min(batch * plan.passes().batchSize(), rows.size());
      int to = Math.min(from + plan.passes().batchSize(), rows.size());
      if (from < to) {
        boolean isLast = batch == last - 1 || to == rows.size();
        pieces.each(
            from, to, (start, end, ends) -> accumulate(order, start, end, sums, isLast && ends));
      } else if (step.meetsInBatches()) {
        pieces.each(0, 1, (start, end, ends) -> accompany());
      }
    }
  }

  private void accumulate(int[] order, int from, int to, EvaluationSums sums, boolean last) {
    try (var scope = TensorScope.open()) {
      step.accumulate(rows.batch(order, from, to), sums, last);
    }
  }

  private void accompany() {
    try (var scope = TensorScope.open()) {
      step.accompany(rows.zeros());
    }
  }

  /**
   * The first time optimisers make what they keep: whether there is memory for it on all ranks, all
   * learn before they go on.
   */
  private void apply() {
    if (applied) {
      step.apply();
      return;
    }
    Attempt attempt = new Attempt();
    attempt.run(this::applyFirst);
    double[] failures = {attempt.failures()};
    communicator.allReduceSum(failures);
    attempt.proceed(failures[0]);
    applied = true;
  }

  private void applyFirst() {
    try {
      step.apply();
    } catch (OutOfDeviceMemoryException e) {
      throw new InputException(
          "optimizer: the step of %s does not fit the device beside the network and its gradients (%s); use a smaller network, an optimizer that keeps less of each parameter (sgd without momentum keeps nothing), or give the device to fewer tasks."
              .formatted(plan.optimizer().name(), e.sizes()),
          e);
    }
  }
}
