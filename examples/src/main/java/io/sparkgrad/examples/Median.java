// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import java.util.Collection;
import java.util.stream.DoubleStream;

/** The middle of measured values, which a turn that something disturbed does not move. */
public final class Median {
  private Median() {}

  /**
   * The mean of the two in the middle where their number is even.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static double of(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("median: expected at least one value, got none");
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The same. */
  public static double of(Collection<Double> values) {
    return of(values.stream().mapToDouble(Double::doubleValue));
  }
}
