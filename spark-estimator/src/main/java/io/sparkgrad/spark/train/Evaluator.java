// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.Readback;
import io.sparkgrad.nn.Module;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.device.BatchPieces;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures a network on rows that it is not trained on. A device that computes by itself is given
 * the next batch before the values of this one are awaited, so that it does not stand still while
 * they are added up. Its memory does not hold both: the tensors of a batch are given back, in the
 * order of its work, when that was begun, and the values are on their way by then.
 */
final class Evaluator {
  private final Module network;
  private final Objective objective;
  private final RowLoss loss;
  private final Rows rows;
  private final int batchSize;
  private final int[] order;
  private final BatchPieces pieces;

  /** How many batches are begun before the values of one are awaited. */
  private final int ahead;

  Evaluator(TrainingPlan plan, Module network, Rows rows) {
    this.network = network;
    this.objective = plan.objective();
    this.loss = new RowLoss(objective);
    this.rows = rows;
    this.batchSize = plan.passes().batchSize();
    this.order = IntStream.range(0, rows.size()).toArray();
    this.pieces = new BatchPieces(plan.device().onOutOfMemory(), "batchSize", 1);
    this.ahead = DefaultBackend.get().deviceType() == DeviceType.GPU ? 1 : 0;
  }

  /**
   * On the rows of all ranks; each calls it, with the network in eval mode.
   *
   * @param check is called before each batch; what it throws ends the pass on this rank at once
   */
  EvaluationSums.Total evaluate(Communicator communicator, Runnable check) {
    EvaluationSums sums = new EvaluationSums(objective);
    Attempt attempt = new Attempt();
    Deque<Runnable> begun = new ArrayDeque<>();
    for (int from = 0; from < order.length; from += batchSize) {
      int first = from;
      check.run();
      attempt.run(
          () -> {
            begun.add(begin(first, Math.min(order.length, first + batchSize), sums));
            if (begun.size() > ahead) {
              begun.remove().run();
            }
          });
    }
    attempt.run(() -> begun.forEach(Runnable::run));
    return sums.over(communicator, attempt);
  }

  /**
   * Begins a batch, in pieces if it has to be.
   *
   * @return waits for its values and adds them, in the order of its rows
   */
  private Runnable begin(int from, int to, EvaluationSums sums) {
    List<Runnable> begun = new ArrayList<>();
    pieces.run(
        () -> pieces.each(from, to, (start, end, last) -> begun.add(beginPiece(start, end, sums))),
        () -> begun::clear);
    return () -> begun.forEach(Runnable::run);
  }

  private Runnable beginPiece(int from, int to, EvaluationSums sums) {
    try (var mode = GradMode.noGrad();
        var scope = TensorScope.open()) {
      Batch batch = rows.batch(order, from, to);
      Tensor output = network.call(batch.inputs());
      RowLoss.Sum sum = loss.of(output, batch);
      Readback lossSum = sum.sum().readback();
      Readback outputs = output.readback();
      Shape shape = output.shape();
      return () -> sums.add(outputs.floats(), shape, batch, lossSum.doubles()[0], sum.weight());
    }
  }
}
