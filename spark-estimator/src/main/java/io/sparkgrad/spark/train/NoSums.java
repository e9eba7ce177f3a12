// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.Batch;
import java.util.Map;

/** Of a loss that has no metrics beside it. */
final class NoSums implements MetricSums {
  @Override
  public void add(float[] outputs, int classes, Batch batch) {}

  @Override
  public double[] sums() {
    return new double[0];
  }

  @Override
  public void resume(double[] saved) {}

  @Override
  public Map<String, Double> metrics(double[] sums) {
    return Map.of();
  }
}
