// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.util.function.LongSupplier;

/**
 * Runs a step until it is as fast as it gets: a JVM compiles what runs often, again and again.
 *
 * @param clock in nanoseconds
 * @param compilation milliseconds that the JVM has spent compiling
 */
record WarmUp(LongSupplier clock, LongSupplier compilation) {
  private static final double SLICE_SECONDS = 0.25;

  /** Slices in a row in which the fastest step is no faster than before. */
  private static final int STEADY_SLICES = 3;

  /** A slice counts as faster that gains more than this part. */
  private static final double GAIN = 0.02;

  /** A slice in which the JVM compiles for more than this part of it is not steady. */
  private static final double COMPILING = 0.1;

  /** However long they take, as long as there is time: few steps are too few to be compiled. */
  private static final int LEAST_STEPS = 20;

  /** How much longer than asked for it may go on. */
  private static final int PATIENCE = 10;

  /**
   * Goes on for as long at least, until the step's time falls no more and the JVM hardly compiles,
   * and for ten times as long at most.
   *
   * @return how many steps it took
   */
  int run(Runnable step, double seconds) {
    Stopwatch stopwatch = new Stopwatch(clock);
    long start = clock.getAsLong();
    double best = Double.POSITIVE_INFINITY;
    int steady = 0;
    int steps = 0;
    double elapsed = 0;
    while (elapsed < seconds
        || (elapsed < PATIENCE * seconds && (steady < STEADY_SLICES || steps < LEAST_STEPS))) {
      long compiled = compilation.getAsLong();
      Timings slice = stopwatch.measure(step, SLICE_SECONDS);
      boolean compiles = compilation.getAsLong() - compiled > 1000 * SLICE_SECONDS * COMPILING;
      steady = compiles || slice.best() < (1 - GAIN) * best ? 0 : steady + 1;
      best = Math.min(best, slice.best());
      steps += slice.steps();
      elapsed = (clock.getAsLong() - start) / 1e9;
    }
    return steps;
  }
}
