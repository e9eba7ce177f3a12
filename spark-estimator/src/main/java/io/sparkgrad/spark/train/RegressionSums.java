// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.Batch;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * As Spark's {@code RegressionMetrics}: {@code rmse}, {@code mae} and {@code r2}, over all numbers
 * of the label; of several numbers r2 is the mean of theirs.
 */
final class RegressionSums implements MetricSums {
  /** Of each number: squared error, magnitude of the error, label, squared label. */
  private static final int EACH = 4;

  /** Behind those of the numbers: the weight. */
  private double[] sums = new double[0];

  @Override
  public void add(float[] outputs, int classes, Batch batch) {
    int width = outputs.length / batch.size();
    if (sums.length == 0) {
      sums = new double[EACH * width + 1];
    }
    double[] labels = batch.labels();
    for (int i = 0; i < outputs.length; i++) {
      double weight = batch.weights()[i / width];
      double error = outputs[i] - labels[i];
      int at = EACH * (i % width);
      sums[at] += weight * error * error;
      sums[at + 1] += weight * Math.abs(error);
      sums[at + 2] += weight * labels[i];
      sums[at + 3] += weight * labels[i] * labels[i];
    }
    for (double weight : batch.weights()) {
      sums[sums.length - 1] += weight;
    }
  }

  @Override
  public double[] sums() {
    return sums;
  }

  @Override
  public void resume(double[] saved) {
    sums = saved;
  }

  @Override
  public Map<String, Double> metrics(double[] s) {
    double weight = s[s.length - 1];
    int width = s.length / EACH;
    double square = 0;
    double magnitude = 0;
    double r2 = 0;
    for (int at = 0; at < EACH * width; at += EACH) {
      square += s[at];
      magnitude += s[at + 1];
      double spread = s[at + 3] - s[at + 2] * s[at + 2] / weight;
      r2 += 1 - s[at] / spread;
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("rmse", Math.sqrt(square / width / weight));
    metrics.put("mae", magnitude / width / weight);
    metrics.put("r2", r2 / width);
    return metrics;
  }
}
