// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Times a step again and again. Steps shorter than a fifth of a millisecond are timed in blocks, so
 * that reading the clock does not count; a block's steps then share their mean.
 *
 * @param clock in nanoseconds
 */
record Stopwatch(LongSupplier clock) {
  private static final long SHORTEST_BLOCK = 200_000;

  /** Goes on for this long, but for one step at least. */
  Timings measure(Runnable step, double seconds) {
    long[] times = new long[1024];
    int n = 0;
    int block = 1;
    long start = clock.getAsLong();
    long end = start + (long) (seconds * 1e9);
    long now = start;
    do {
      for (int i = 0; i < block; i++) {
        step.run();
      }
      long before = now;
      now = clock.getAsLong();
      long elapsed = now - before;
      if (n == times.length) {
        times = Arrays.copyOf(times, 2 * n);
      }
      times[n] = elapsed / block;
      if (elapsed >= SHORTEST_BLOCK) {
        n++;
      } else {
        block *= 2; // and this block is dropped, unless it was the last
      }
    } while (now < end);
    return new Timings(Arrays.copyOf(times, Math.max(n, 1)));
  }
}
