// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** A clock that only steps move. */
class WarmUpTest {
  private long now;
  private int steps;
  private long compiled;

  private int run(IntToLongFunction nanos, double seconds) {
    return new WarmUp(() -> now, () -> compiled)
        .run(() -> now += nanos.applyAsLong(steps++), seconds);
  }

  @Test
  void goesOnWhileStepsGetFaster() {
    run(step -> step < 300 ? 20_000_000 - step * 50_000L : 5_000_000, 0.5);
    assertTrue(steps > 300, "stopped after " + steps);
  }

  @Test
  void goesOnWhileTheJvmCompiles() {
    run(
        step -> {
          compiled += step < 500 ? 5 : 0;
          return 10_000_000;
        },
        0.5);
    assertEquals(500, steps, 100);
  }

  @Test
  void stopsWhenTheyDoNot() {
    run(step -> 10_000_000, 2);
    assertEquals(2e9, now, 0.3e9);
  }

  @Test
  void aSlowStepIsNotRunTwentyTimesWhateverThatCosts() {
    run(step -> 2_000_000_000, 1);
    assertEquals(5, steps, 1);
  }
}
