// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Says from the loop how far it is, once in a second at most, so that it costs nothing. */
public final class StepReports {
  private static final long PERIOD = 1_000_000_000L;

  private final Consumer<String> report;
  private final LongSupplier clock;
  private long last;

  /**
   * Starts the first second.
   *
   * @param report takes the JSON of a {@link StepProgress}
   * @param clock in nanoseconds
   */
  public StepReports(Consumer<String> report, LongSupplier clock) {
    this.report = report;
    this.clock = clock;
    this.last = clock.getAsLong();
  }

  /**
   * After each step.
   *
   * @param loss sum of the losses of the rows in the epoch so far, each times its weight
   * @param weight sum of their weights
   */
  public void stepped(int epoch, int epochs, int step, int steps, double loss, double weight) {
    long now = clock.getAsLong();
    if (now - last >= PERIOD) {
      last = now;
      report.accept(new StepProgress(epoch, epochs, step, steps, loss / weight).toJson());
    }
  }
}
