// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.BatchNorm;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.nn.loss.Loss;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.RowStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Trains one worker's copy of the network in step with the others. Every rank makes the same number
 * of steps; one that has no rows left takes part with weight zero. All ranks start from the same
 * weights and apply the same gradients, so their weights are equal after every step, bit for bit.
 * Knows nothing of Spark.
 */
final class TrainingLoop {
  private final TrainingPlan plan;
  private final Module network;
  private final Loss rowLoss;
  private final Optimizer<?> optimizer;
  private final Communicator communicator;
  private final RowStore rows;
  private final GradientSynchronizer synchronizer;
  private final long[] batchShape;

  /**
   * Prepares the loop.
   *
   * @param rowLoss gives one loss per row
   * @param optimizer holds the parameters that are not frozen
   */
  TrainingLoop(
      TrainingPlan plan,
      Module network,
      Loss rowLoss,
      Optimizer<?> optimizer,
      Communicator communicator,
      RowStore rows) {
    this.plan = plan;
    this.network = network;
    this.rowLoss = rowLoss;
    this.optimizer = optimizer;
    this.communicator = communicator;
    this.rows = rows;
    this.synchronizer =
        new GradientSynchronizer(
            communicator, network.parameters().stream().filter(Tensor::requiresGrad).toList());
    this.batchShape = new long[plan.network().inputShape().size() + 1];
    for (int i = 1; i < batchShape.length; i++) {
      batchShape[i] = plan.network().inputShape().get(i - 1);
    }
  }

  /**
   * Runs all epochs.
   *
   * @param listener is told of each finished epoch, on every rank with the same numbers but the
   *     seconds
   * @throws InputException on a rank that has a row which cannot be used; on all if there are no
   *     rows, or none that weighs anything
   * @throws TrainingException on all ranks at once if the loss is not finite, and on the others if
   *     one has a row that cannot be used
   */
  List<EpochMetrics> run(Consumer<EpochMetrics> listener) {
    List<EpochMetrics> history = new ArrayList<>();
    Generator.current().manualSeed(plan.passes().seed() + communicator.rank());
    int steps = globalSteps();
    switchToTraining();
    for (int epoch = 1; epoch <= plan.passes().epochs(); epoch++) {
      EpochMetrics metrics = epoch(epoch, steps);
      history.add(metrics);
      listener.accept(metrics);
    }
    network.eval();
    return history;
  }

  /** A frozen batch norm stays as it is, its statistics included: in train mode they would move. */
  private void switchToTraining() {
    network.train();
    for (Module module : network.namedModules().values()) {
      List<Parameter> parameters = module.parameters();
      if (module instanceof BatchNorm
          && !parameters.isEmpty()
          && parameters.stream().noneMatch(Tensor::requiresGrad)) {
        module.eval();
      }
    }
  }

  /**
   * Steps per epoch: what the rank with the most rows needs. All ranks learn here whether one of
   * them cannot go on.
   */
  private int globalSteps() {
    double[] sizes = new double[communicator.worldSize()];
    sizes[communicator.rank()] = rows.rejection().isPresent() ? Double.NaN : rows.size();
    communicator.allReduceSum(sizes);
    if (rows.rejection().isPresent()) {
      throw new InputException(rows.rejection().get());
    }
    if (Arrays.stream(sizes).anyMatch(Double::isNaN)) {
      throw new TrainingException("another worker has a row that cannot be used");
    }
    int most = (int) Arrays.stream(sizes).max().orElse(0);
    if (most == 0) {
      throw new InputException("The DataFrame has no rows to train on.");
    }
    return (most + plan.passes().batchSize() - 1) / plan.passes().batchSize();
  }

  private EpochMetrics epoch(int epoch, int steps) {
    long start = System.nanoTime();
    int[] order =
        plan.passes().shuffle()
            ? Generator.current().permutation(rows.size())
            : IntStream.range(0, rows.size()).toArray();
    Sums sums = new Sums();
    for (int step = 0; step < steps; step++) {
      int from = Math.min(step * plan.passes().batchSize(), rows.size());
      int to = Math.min(from + plan.passes().batchSize(), rows.size());
      try (var scope = TensorScope.open()) {
        train(rows.batch(order, from, to, plan.network().rowLength()), sums, epoch, step);
      }
    }
    double[] total = {sums.loss, sums.weight, sums.correct, rows.size()};
    communicator.allReduceSum(total);
    if (total[1] == 0) {
      throw new InputException("weightCol: all rows weigh 0; give some a positive weight.");
    }
    return new EpochMetrics(
        epoch,
        plan.passes().epochs(),
        total[0] / total[1],
        total[2] / total[3],
        (long) total[3],
        (System.nanoTime() - start) * 1e-9);
  }

  private static final class Sums {
    double loss;
    double weight;
    double correct;
  }

  private void train(RowStore.Batch batch, Sums sums, int epoch, int step) {
    optimizer.zeroGrad();
    double weight = Arrays.stream(batch.weights()).sum();
    double loss = batch.size() == 0 ? 0 : backward(batch, sums);
    sums.weight += weight;
    sums.loss += loss;
    GradientSynchronizer.Global global = synchronizer.average(weight, loss);
    if (!Double.isFinite(global.loss())) {
      // Every rank sees the same sum and stops here together.
      throw new TrainingException(
          "the loss became %s in step %d of epoch %d; lower learningRate (%s now) or look for extreme feature values."
              .formatted(global.loss(), step + 1, epoch, plan.optimizer().learningRate()));
    }
    if (global.weight() > 0) {
      optimizer.step();
    }
  }

  private double backward(RowStore.Batch batch, Sums sums) {
    batchShape[0] = batch.size();
    Tensor x = Tensor.of(batch.features(), batchShape);
    Tensor target = Tensor.of(Arrays.stream(batch.labels()).mapToLong(d -> (long) d).toArray());
    float[] weights = new float[batch.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) batch.weights()[i];
    }
    Tensor output = network.call(x);
    Tensor loss = rowLoss.forward(output, target).mul(Tensor.of(weights)).sum();
    loss.backward();
    long[] predicted = output.detach().argmax().toLongArray();
    for (int i = 0; i < predicted.length; i++) {
      sums.correct += predicted[i] == (long) batch.labels()[i] ? 1 : 0;
    }
    return loss.item();
  }
}
