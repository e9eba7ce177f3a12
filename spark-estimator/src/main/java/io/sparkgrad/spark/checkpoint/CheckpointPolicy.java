// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.checkpoint;

import java.io.Serializable;

/**
 * How often training is written down; the end of it always is.
 *
 * @param interval how many units apart, at least 1; -1 for at the end only
 */
public record CheckpointPolicy(int interval, Unit unit) implements Serializable {

  /** What the interval counts. */
  public enum Unit {
    EPOCH,
    STEP
  }

  /**
   * Whether it is time after a step that does not end an epoch.
   *
   * @param steps how many were made since the beginning of the fit
   */
  public boolean isDueAfterStep(long steps) {
    return unit == Unit.STEP && isMultiple(steps);
  }

  /**
   * Whether it is time at the end of an epoch.
   *
   * @param epochs how many were made
   * @param steps how many were made since the beginning of the fit
   */
  public boolean isDueAfterEpoch(int epochs, long steps) {
    return isMultiple(unit == Unit.EPOCH ? epochs : steps);
  }

  private boolean isMultiple(long count) {
    return interval > 0 && count % interval == 0;
  }
}
