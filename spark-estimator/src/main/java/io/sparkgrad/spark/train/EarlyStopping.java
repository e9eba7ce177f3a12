// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Watches the loss of each epoch: which was the lowest, and whether it is time to stop. Given the
 * same losses it decides the same on every rank.
 */
final class EarlyStopping {
  private final ValidationSettings settings;
  private int bestEpoch;
  private double lowest = Double.POSITIVE_INFINITY;
  private int counted;
  private double reference = Double.POSITIVE_INFINITY;
  private int epoch;

  EarlyStopping(ValidationSettings settings) {
    this.settings = settings;
  }

  /**
   * Takes the loss of the next epoch.
   *
   * @return whether it is the lowest so far; NaN never is, but in the first epoch
   */
  boolean isBest(double loss) {
    epoch++;
    if (loss < reference - settings.minDelta()) {
      reference = loss;
      counted = epoch;
    }
    if (loss < lowest || bestEpoch == 0) {
      lowest = Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss;
      bestEpoch = epoch;
      return true;
    }
    return false;
  }

  /** From 1; 0 before the first. */
  int bestEpoch() {
    return bestEpoch;
  }

  /** Why training is to end now, in a sentence; null if it is not. */
  @Nullable String reasonToStop() {
    if (settings.patience() == 0 || epoch - counted < settings.patience()) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        "stopped after epoch %d: for %d epochs the validation loss was not%s below %.6g of epoch %d",
        epoch,
        settings.patience(),
        settings.minDelta() > 0 ? " by more than " + settings.minDelta() : "",
        reference,
        counted);
  }
}
