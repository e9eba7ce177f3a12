// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.io.Serializable;
import java.util.List;

/**
 * What training makes small, and what it means by a label. The loss of a row is the mean over all
 * dimensions but the first of what the loss of this name in {@link io.sparkgrad.nn.loss} gives; the
 * loss of a batch is the mean of its rows' by their weights.
 *
 * <ul>
 *   <li>{@code crossEntropy} (of logits) and {@code nll} (of log-probabilities) take a class number
 *       as label, and {@code crossEntropy} as well as many probabilities as there are classes;
 *   <li>{@code mse}, {@code l1}, {@code smoothL1} and {@code huber} take as many numbers as the
 *       network puts out for a row;
 *   <li>{@code bceWithLogits} (of logits) and {@code bce} (of probabilities) take as many numbers
 *       from 0 to 1 as the network puts out;
 *   <li>{@code kl} (of log-probabilities) takes as many probabilities.
 * </ul>
 *
 * @param loss one of {@link #LOSSES}
 * @param labelSmoothing which part of each target {@code crossEntropy} spreads over all classes, 0
 *     to 1
 * @param classWeights a weight for each class in {@code crossEntropy} and {@code nll}, or none; the
 *     mean over a batch is then, as PyTorch's, over the weights of the targets times those of the
 *     rows
 * @param threshold above 0: where {@code smoothL1} (beta) and {@code huber} (delta) go over from
 *     the square to the distance
 */
public record Objective(
    String loss, double labelSmoothing, List<Double> classWeights, double threshold)
    implements Serializable {

  /** The names, in the order of the list above. */
  public static final List<String> LOSSES =
      List.of(
          "crossEntropy", "nll", "mse", "l1", "smoothL1", "huber", "bceWithLogits", "bce", "kl");

  public Objective {
    Names.check("loss", loss, LOSSES);
    classWeights = List.copyOf(classWeights);
  }

  /** The loss with PyTorch's defaults. */
  public static Objective of(String loss) {
    return new Objective(loss, 0, List.of(), 1);
  }

  public Objective withLabelSmoothing(double value) {
    return new Objective(loss, value, classWeights, threshold);
  }

  public Objective withClassWeights(List<Double> value) {
    return new Objective(loss, labelSmoothing, value, threshold);
  }

  public Objective withThreshold(double value) {
    return new Objective(loss, labelSmoothing, classWeights, value);
  }
}
