// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.shape.Shape;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.summary.ConfusionMatrix;
import io.sparkgrad.spark.summary.Evaluation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What one pass of one worker over its rows adds up to, and with the others'. */
final class EvaluationSums {
  /** Behind the sums of the metrics: rows, loss, weight. */
  private static final int COUNTS = 3;

  private final MetricSums metrics;
  private double rows;
  private double loss;
  private double weight;

  EvaluationSums(Objective objective) {
    metrics = MetricSums.of(objective);
  }

  /**
   * Adds a batch of at least one row.
   *
   * @param outputs of the network, one row after the other
   */
  void add(float[] outputs, Shape shape, Batch batch, double lossSum, double lossWeight) {
    rows += batch.size();
    loss += lossSum;
    weight += lossWeight;
    int classes = shape.rank() < 2 ? 1 : Math.toIntExact(shape.size(1));
    metrics.add(outputs, classes, batch);
  }

  /** All that has been added up; {@link #resume} takes it. */
  double[] values() {
    double[] own = metrics.sums();
    double[] values = Arrays.copyOf(own, own.length + COUNTS);
    values[own.length] = rows;
    values[own.length + 1] = loss;
    values[own.length + 2] = weight;
    return values;
  }

  /** Goes on from {@link #values()}, or from nothing if there are none. */
  void resume(double[] values) {
    if (values.length > 0) {
      int length = values.length - COUNTS;
      metrics.resume(Arrays.copyOf(values, length));
      rows = values[length];
      loss = values[length + 1];
      weight = values[length + 2];
    }
  }

  /** What makes the sums those of now again. */
  Runnable restoring() {
    double[] now = values();
    return () -> resume(now);
  }

  /** Of this worker's rows so far; NaN if none weighs anything. */
  double meanLoss() {
    return loss / weight;
  }

  /**
   * All rows of all workers.
   *
   * @param weight what the loss was divided by; 0 if all rows weigh nothing
   * @param confusion null if there are no classes, or too many
   */
  record Total(Evaluation evaluation, double weight, @Nullable ConfusionMatrix confusion) {}

  /**
   * Adds up the sums of all ranks; each calls it.
   *
   * @throws RuntimeException on all ranks if something failed on one
   */
  Total over(Communicator communicator, Attempt attempt) {
    double[] own = values();
    // A rank without rows does not know how many sums there are.
    double[] lengths = new double[communicator.worldSize()];
    int metricsOfOwn = own.length - COUNTS;
    lengths[communicator.rank()] = metricsOfOwn;
    communicator.allReduceSum(lengths);
    int length = (int) Arrays.stream(lengths).max().orElse(0);
    double[] all = new double[length + COUNTS + 1];
    System.arraycopy(own, 0, all, 0, metricsOfOwn);
    System.arraycopy(own, metricsOfOwn, all, length, COUNTS);
    all[length + COUNTS] = attempt.failures();
    communicator.allReduceSum(all);
    attempt.proceed(all[length + COUNTS]);
    double[] sums = Arrays.copyOf(all, length);
    Evaluation evaluation =
        new Evaluation(
            (long) all[length], all[length + 1] / all[length + 2], metrics.metrics(sums));
    return new Total(evaluation, all[length + 2], metrics.confusion(sums));
  }
}
