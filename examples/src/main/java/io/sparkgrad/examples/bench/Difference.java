// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.Tensor;
import java.util.Map;
import java.util.Objects;

/**
 * How far the outputs and gradients of two candidates lie apart: for each tensor the largest
 * difference over the reference's largest magnitude, and of all tensors the largest.
 */
record Difference(double output, double gradient) {
  /** Above it a candidate does not compute the same. */
  static final double LIMIT = 1e-3;

  private static final String OUTPUT = "output";

  /**
   * Compares.
   *
   * @throws IllegalArgumentException if they do not have the same tensors of the same shapes
   */
  static Difference of(Map<String, Tensor> reference, Map<String, Tensor> actual) {
    if (!reference.keySet().equals(actual.keySet())) {
      throw new IllegalArgumentException(
          "check: expected the tensors %s, got %s".formatted(reference.keySet(), actual.keySet()));
    }
    double gradient = 0;
    for (String name : reference.keySet()) {
      if (!name.equals(OUTPUT)) {
        gradient = Math.max(gradient, relative(name, reference, actual));
      }
    }
    return new Difference(relative(OUTPUT, reference, actual), gradient);
  }

  private static double relative(
      String name, Map<String, Tensor> reference, Map<String, Tensor> actual) {
    Tensor expected = Objects.requireNonNull(reference.get(name));
    Tensor got = Objects.requireNonNull(actual.get(name));
    if (!expected.shape().equals(got.shape())) {
      throw new IllegalArgumentException(
          "check: %s: expected shape %s, got %s".formatted(name, expected.shape(), got.shape()));
    }
    float[] e = expected.toFloatArray();
    float[] g = got.toFloatArray();
    double largest = Float.MIN_NORMAL;
    double difference = 0;
    for (int i = 0; i < e.length; i++) {
      largest = Math.max(largest, Math.abs(e[i]));
      double d = Math.abs((double) e[i] - g[i]);
      difference = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(difference, d);
    }
    return difference / largest;
  }

  boolean acceptable() {
    return output <= LIMIT && gradient <= LIMIT;
  }
}
