// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.summary.EpochSummary;
import java.util.EnumMap;
import java.util.Map;

/** Says where the time of a thread goes: at each moment it is in one phase. */
final class PhaseClock {
  enum Phase {
    COMPUTING,
    WAITING,
    COMMUNICATING
  }

  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private Phase phase = Phase.COMPUTING;
  private long since = System.nanoTime();

  /**
   * Goes over to a phase.
   *
   * @return the one before
   */
  Phase enter(Phase next) {
    long now = System.nanoTime();
    nanos.merge(phase, now - since, Long::sum);
    since = now;
    Phase before = phase;
    phase = next;
    return before;
  }

  /** The time since the last lap, or since the clock was made. */
  EpochSummary.Time lap() {
    enter(phase);
    double computing = seconds(Phase.COMPUTING);
    double waiting = seconds(Phase.WAITING);
    double communicating = seconds(Phase.COMMUNICATING);
    nanos.clear();
    return new EpochSummary.Time(
        computing + waiting + communicating, computing, waiting, communicating);
  }

  private double seconds(Phase of) {
    return nanos.getOrDefault(of, 0L) * 1e-9;
  }
}
