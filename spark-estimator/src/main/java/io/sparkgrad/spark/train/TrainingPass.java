// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.progress.StepProgress;
import io.sparkgrad.spark.progress.StepReports;
import io.sparkgrad.spark.train.GradientSynchronizer.Global;
import java.util.stream.IntStream;

/** Takes all rows of a worker once, in steps that all ranks make together. */
final class TrainingPass {
  private final TrainingPlan plan;
  private final Rows rows;
  private final TrainingStep step;
  private final LearningRates rates;
  private final Communicator communicator;
  private final GlobalSizes sizes;
  private final StepReports reports;

  /**
   * A pass that can be made again and again.
   *
   * @param reports is told of each step
   */
  TrainingPass(
      TrainingPlan plan,
      Rows rows,
      TrainingStep step,
      LearningRates rates,
      Communicator communicator,
      GlobalSizes sizes,
      StepReports reports) {
    this.plan = plan;
    this.rows = rows;
    this.step = step;
    this.rates = rates;
    this.communicator = communicator;
    this.sizes = sizes;
    this.reports = reports;
  }

  /**
   * What a pass came to.
   *
   * @param learningRate of the last step
   */
  record Result(EvaluationSums.Total total, double learningRate) {}

  /** Makes the pass, with the network in train mode. */
  Result run(int epoch) {
    int[] order =
        plan.passes().shuffle()
            ? Generator.current().permutation(rows.size())
            : IntStream.range(0, rows.size()).toArray();
    EvaluationSums sums = new EvaluationSums(plan.objective());
    int accumulation = plan.optimizer().gradients().accumulation();
    double learningRate = rates.first();
    int number = 0;
    int batches = sizes.batches();
    for (int first = 0; first < batches; first += accumulation) {
      learningRate = rates.first();
      Global global = step(order, first, Math.min(batches, first + accumulation), sums);
      number++;
      if (!Double.isFinite(global.loss())) {
        // Every rank sees the same sum and stops here together.
        throw new TrainingException(
            "the loss became %s in step %d of epoch %d; lower learningRate (%s now) or look for extreme feature values."
                .formatted(global.loss(), number, epoch, learningRate));
      }
      rates.afterStep();
      int done = number;
      reports.stepped(
          () ->
              new StepProgress(
                  epoch, plan.passes().epochs(), done, sizes.steps(), sums.meanLoss()));
    }
    EvaluationSums.Total total = sums.over(communicator, new Attempt());
    if (total.weight() == 0) {
      throw new InputException("weightCol: all rows weigh 0; give some a positive weight.");
    }
    return new Result(total, learningRate);
  }

  private Global step(int[] order, int first, int last, EvaluationSums sums) {
    Attempt attempt = new Attempt();
    Global global;
    try (var scope = TensorScope.open()) {
      step.begin();
      for (int batch = first; batch < last; batch++) {
        int from = Math.min(batch * plan.passes().batchSize(), rows.size());
        int to = Math.min(from + plan.passes().batchSize(), rows.size());
        if (from < to) {
          attempt.run(() -> accumulate(order, from, to, sums));
        }
      }
      global = step.finish(attempt);
    }
    attempt.proceed(global.failures());
    return global;
  }

  private void accumulate(int[] order, int from, int to, EvaluationSums sums) {
    try (var scope = TensorScope.open()) {
      step.accumulate(rows.batch(order, from, to), sums);
    }
  }
}
