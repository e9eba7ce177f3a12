// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.summary.ConfusionMatrix;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sums over rows from which metrics follow; the sums of several workers add up. Metrics weigh rows
 * as Spark's evaluators do, and know nothing of class weights.
 */
interface MetricSums {
  /** What a loss is told by. */
  static MetricSums of(Objective objective) {
    return switch (objective.loss()) {
      case "crossEntropy", "nll" -> new ClassificationSums(false, 0);
      case "bceWithLogits" -> new ClassificationSums(true, 0);
      case "bce" -> new ClassificationSums(true, 0.5);
      case "mse", "l1", "smoothL1", "huber" -> new RegressionSums();
      default -> new NoSums();
    };
  }

  /**
   * Adds a batch.
   *
   * @param outputs of the network, one row after the other
   * @param classes the size of the outputs' second dimension, 1 if there is none
   */
  void add(float[] outputs, int classes, Batch batch);

  /** The sums; empty as long as there was no row. */
  double[] sums();

  /** Goes on from such sums. */
  void resume(double[] sums);

  /** The metrics that follow from sums, in the order in which they are shown. */
  Map<String, Double> metrics(double[] sums);

  /** What was taken for what; null if there are no classes or too many. */
  default @Nullable ConfusionMatrix confusion(double[] sums) {
    return null;
  }
}
