// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import java.util.Comparator;

/**
 * A place between two steps of training.
 *
 * @param epoch from 1: the one that goes on here
 * @param step how many of its steps are done
 */
public record Position(int epoch, int step) implements Comparable<Position> {
  private static final Comparator<Position> ORDER =
      Comparator.comparingInt(Position::epoch).thenComparingInt(Position::step);

  /** Before the first step. */
  public static final Position START = new Position(1, 0);

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "step %d of epoch %d".formatted(step, epoch);
  }
}
