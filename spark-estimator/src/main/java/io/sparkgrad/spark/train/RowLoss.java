// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.loss.BCELoss;
import io.sparkgrad.nn.loss.BCEWithLogitsLoss;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.loss.CrossEntropyOptions;
import io.sparkgrad.nn.loss.HuberLoss;
import io.sparkgrad.nn.loss.KLDivLoss;
import io.sparkgrad.nn.loss.L1Loss;
import io.sparkgrad.nn.loss.Loss;
import io.sparkgrad.nn.loss.MseLoss;
import io.sparkgrad.nn.loss.NLLLoss;
import io.sparkgrad.nn.loss.Reduction;
import io.sparkgrad.nn.loss.SmoothL1Loss;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.InputException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The loss of a batch as a sum over its rows by their weights, and the weight to divide by. Sums
 * and weights of several batches, and of several workers, add up to those of the batch that they
 * are together.
 */
final class RowLoss {
  private final Objective objective;
  private final Loss loss;

  RowLoss(Objective objective) {
    this.objective = objective;
    this.loss = loss(objective);
  }

  /**
   * The loss of some rows.
   *
   * @param sum of the rows' losses by their weights
   * @param weight of the rows, by the class weights of their targets as well where there are any
   */
  record Sum(Tensor sum, double weight) {}

  private static Loss loss(Objective o) {
    Reduction none = Reduction.NONE;
    return switch (o.loss()) {
      case "crossEntropy" ->
          new CrossEntropyLoss(
              new CrossEntropyOptions(
                  classWeights(o),
                  CrossEntropyOptions.DEFAULT.ignoreIndex(),
                  o.labelSmoothing(),
                  none));
      case "nll" -> new NLLLoss(classWeights(o), CrossEntropyOptions.DEFAULT.ignoreIndex(), none);
      case "mse" -> new MseLoss(none);
      case "l1" -> new L1Loss(none);
      case "smoothL1" -> new SmoothL1Loss(o.threshold(), none);
      case "huber" -> new HuberLoss(o.threshold(), none);
      case "bce" -> new BCELoss(none);
      case "bceWithLogits" -> new BCEWithLogitsLoss(none);
      case "kl" -> new KLDivLoss(false, none);
      default -> throw new IllegalArgumentException("loss: unknown: " + o.loss());
    };
  }

  private static @Nullable Tensor classWeights(Objective o) {
    double[] weights = o.classWeights().stream().mapToDouble(w -> w).toArray();
    if (weights.length == 0) {
      return null;
    }
    float[] values = new float[weights.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) weights[i];
    }
    return Tensor.of(values);
  }

  /**
   * The loss of one batch of at least one row.
   *
   * @throws InputException if the labels do not go with what the network put out
   */
  Sum of(Tensor output, Batch batch) {
    int rows = batch.size();
    if (output.rank() == 0 || output.size(0) != rows) {
      throw new InputException(
          "network: expected an output for each of %d rows, got shape %s."
              .formatted(rows, output.shape()));
    }
    boolean classes = takesClasses(output, batch);
    Tensor target = classes ? classTarget(output, batch) : valueTarget(output, batch);
    Tensor losses = loss.forward(output, target);
    Tensor ofRows = losses.rank() > 1 ? losses.reshape(rows, -1).mean(1) : losses;
    double[] weights = batch.weights();
    boolean plain = Arrays.stream(weights).allMatch(w -> w == 1);
    Tensor weighted = plain ? ofRows : ofRows.mul(Tensor.of(weights).to(ofRows.dtype()));
    return new Sum(weighted.sum(), weight(batch, classes));
  }

  /** Whether the labels are class numbers, one for each distribution that the network puts out. */
  private boolean takesClasses(Tensor output, Batch batch) {
    String name = objective.loss();
    if (!name.equals("crossEntropy") && !name.equals("nll")) {
      return false;
    }
    if (output.rank() < 2) {
      throw new InputException(
          "loss: %s expects an output of shape [rows, classes], got %s."
              .formatted(name, output.shape()));
    }
    boolean each = batch.labels().length == output.numel() / output.size(1);
    if (!each && name.equals("nll")) {
      throw wrongLabels(output, batch);
    }
    return each;
  }

  private static Tensor classTarget(Tensor output, Batch batch) {
    long[] labels = new long[batch.labels().length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (long) batch.labels()[i];
    }
    long[] dims = output.shape().dims();
    long[] shape = new long[dims.length - 1];
    shape[0] = dims[0];
    System.arraycopy(dims, 2, shape, 1, shape.length - 1);
    return Tensor.of(labels, shape);
  }

  private Tensor valueTarget(Tensor output, Batch batch) {
    if (batch.labels().length != output.numel()) {
      throw wrongLabels(output, batch);
    }
    float[] labels = new float[batch.labels().length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (float) batch.labels()[i];
    }
    return Tensor.of(labels, output.shape());
  }

  private InputException wrongLabels(Tensor output, Batch batch) {
    long values = output.numel() / batch.size();
    String expected =
        switch (objective.loss()) {
          case "nll" -> "%d class number(s)".formatted(values / output.size(1));
          case "crossEntropy" ->
              "%d class number(s) or %d probabilities".formatted(values / output.size(1), values);
          default -> "%d number(s)".formatted(values);
        };
    return new InputException(
        "labelCol: the loss %s and what the network puts out ask for %s in each row, got %d."
            .formatted(objective.loss(), expected, batch.labels().length / batch.size()));
  }

  private double weight(Batch batch, boolean classes) {
    List<Double> classWeights = objective.classWeights();
    if (!classes || classWeights.isEmpty()) {
      return Arrays.stream(batch.weights()).sum();
    }
    int width = batch.labels().length / batch.size();
    double total = 0;
    for (int i = 0; i < batch.labels().length; i++) {
      total += batch.weights()[i / width] * classWeights.get((int) batch.labels()[i]) / width;
    }
    return total;
  }
}
