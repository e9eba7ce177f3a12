// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.djl;

/** A row of the images, as Spark's bean encoder wants it. */
public final class FloatImage {
  private long id;
  private float[] features = new float[0];

  public long getId() {
    return id;
  }

  public void setId(long id) {
    this.id = id;
  }

  public float[] getFeatures() {
    return features;
  }

  public void setFeatures(float[] features) {
    this.features = features;
  }
}
