// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.examples.Median;
import java.util.Arrays;

/**
 * Times of steps in nanoseconds, in the order in which they were measured; at least one. Owns its
 * array.
 */
record Timings(long[] nanos) {
  Timings {
    if (nanos.length == 0) {
      throw new IllegalArgumentException("timings: expected at least one step, got none");
    }
  }

  /** Those of both, one after the other. */
  Timings and(Timings later) {
    long[] all = Arrays.copyOf(nanos, nanos.length + later.nanos.length);
    System.arraycopy(later.nanos, 0, all, nanos.length, later.nanos.length);
    return new Timings(all);
  }

  double median() {
    return Median.of(Arrays.stream(nanos).asDoubleStream());
  }

  long best() {
    return Arrays.stream(nanos).min().orElseThrow();
  }

  int steps() {
    return nanos.length;
  }
}
