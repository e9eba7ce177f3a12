// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Says from the loop how far it is, once in a second at most, so that it costs nothing. */
public final class StepReports {
  private static final long PERIOD = 1_000_000_000L;

  private final Consumer<StepProgress> listener;
  private final LongSupplier clock;
  private long last;

  /**
   * Starts the first second.
   *
   * @param clock in nanoseconds
   */
  public StepReports(Consumer<StepProgress> listener, LongSupplier clock) {
    this.listener = listener;
    this.clock = clock;
    this.last = clock.getAsLong();
  }

  /** After each step; {@code progress} is asked only when there is something to say. */
  public void stepped(Supplier<StepProgress> progress) {
    long now = clock.getAsLong();
    if (now - last >= PERIOD) {
      last = now;
      listener.accept(progress.get());
    }
  }
}
