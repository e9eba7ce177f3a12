// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class TimingsTest {
  private static Timings of(long... nanos) {
    return new Timings(nanos);
  }

  @Test
  void theMedianStandsInTheMiddleOfTheSortedTimes() {
    assertEquals(3, of(9, 1, 3).median());
    assertEquals(2.5, of(4, 1, 3, 2).median()); // (2 + 3) / 2
    assertEquals(1, of(9, 1, 3).best());
  }

  @Test
  void roundsArePooled() {
    Timings both = of(5, 1).and(of(2));
    assertEquals(3, both.steps());
    assertEquals(2, both.median());
  }

  @Test
  void noStepIsAnError() {
    var e = assertThrows(IllegalArgumentException.class, () -> of());
    assertEquals("timings: expected at least one step, got none", e.getMessage());
  }

  /** A clock that only the step moves. */
  private static final class Clock implements LongSupplier {
    private long now;

    @Override
    public long getAsLong() {
      return now;
    }

    Timings measure(long stepNanos, double seconds) {
      return new Stopwatch(this).measure(() -> now += stepNanos, seconds);
    }
  }

  @Test
  void longStepsAreTimedOneByOne() {
    Timings timings = new Clock().measure(250_000_000, 1);
    assertEquals(4, timings.steps()); // 4 · 0.25 s
    assertEquals(250_000_000, timings.best());
  }

  @Test
  void shortStepsAreTimedInBlocks() {
    Timings timings = new Clock().measure(1_000, 0.01);
    // blocks of 1 … 128 steps are dropped, 255 in all; 256 take 256 µs: (10,000 − 255) / 256 → 39
    assertEquals(39, timings.steps());
    assertEquals(1_000, timings.median());
  }

  @Test
  void aStepLongerThanTheTurnIsMeasuredOnce() {
    assertEquals(1, new Clock().measure(2_000_000_000, 0.5).steps());
  }
}
