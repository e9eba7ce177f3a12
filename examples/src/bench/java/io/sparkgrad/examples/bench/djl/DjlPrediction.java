// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.djl;

/** A row of the result, as Spark's bean encoder wants it. */
public final class DjlPrediction {
  private long id;
  private double prediction;

  public long getId() {
    return id;
  }

  public void setId(long id) {
    this.id = id;
  }

  public double getPrediction() {
    return prediction;
  }

  public void setPrediction(double prediction) {
    this.prediction = prediction;
  }
}
