// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.device.BatchPieces;
import java.util.stream.IntStream;

/** Measures a network on rows that it is not trained on. */
final class Evaluator {
  private final Module network;
  private final Objective objective;
  private final RowLoss loss;
  private final Rows rows;
  private final int batchSize;
  private final int[] order;
  private final BatchPieces pieces;

  Evaluator(TrainingPlan plan, Module network, Rows rows) {
    this.network = network;
    this.objective = plan.objective();
    this.loss = new RowLoss(objective);
    this.rows = rows;
    this.batchSize = plan.passes().batchSize();
    this.order = IntStream.range(0, rows.size()).toArray();
    this.pieces = new BatchPieces(plan.device().onOutOfMemory(), "batchSize", 1);
  }

  /**
   * On the rows of all ranks; each calls it, with the network in eval mode.
   *
   * @param check is called before each batch; what it throws ends the pass on this rank at once
   */
  EvaluationSums.Total evaluate(Communicator communicator, Runnable check) {
    EvaluationSums sums = new EvaluationSums(objective);
    Attempt attempt = new Attempt();
    for (int from = 0; from < order.length; from += batchSize) {
      int first = from;
      check.run();
      attempt.run(() -> add(first, Math.min(order.length, first + batchSize), sums));
    }
    return sums.over(communicator, attempt);
  }

  private void add(int from, int to, EvaluationSums sums) {
    pieces.run(
        () -> pieces.each(from, to, (start, end, last) -> addPiece(start, end, sums)),
        sums::restoring);
  }

  private void addPiece(int from, int to, EvaluationSums sums) {
    try (var mode = GradMode.noGrad();
        var scope = TensorScope.open()) {
      Batch batch = rows.batch(order, from, to);
      Tensor output = network.call(batch.inputs());
      RowLoss.Sum sum = loss.of(output, batch);
      sums.add(output.toFloatArray(), output.shape(), batch, sum.sum().item(), sum.weight());
    }
  }
}
