// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.summary.ConfusionMatrix;
import io.sparkgrad.spark.summary.EpochSummary;
import io.sparkgrad.spark.summary.TrainingSummary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the epochs so far came to, and whether there is to be another. */
final class RunHistory {
  private final int most;
  private final boolean restores;
  private final EarlyStopping stopping;
  private final List<EpochSummary> epochs = new ArrayList<>();
  private @Nullable ConfusionMatrix confusion;

  /**
   * Before the first epoch.
   *
   * @param most how many epochs there may be
   * @param restores whether the best epoch's weights are to be the result, and not the last's
   */
  RunHistory(ValidationSettings settings, int most, boolean restores) {
    this.stopping = new EarlyStopping(settings);
    this.most = most;
    this.restores = restores;
  }

  /**
   * Takes the next epoch.
   *
   * @return whether it is the best so far
   */
  boolean add(EpochSummary epoch, @Nullable ConfusionMatrix ofEpoch) {
    epochs.add(epoch);
    boolean isBest = stopping.isBest(watchedLoss(epoch));
    if (isBest || !restores) {
      confusion = ofEpoch;
    }
    return isBest;
  }

  /** Goes on behind the epochs of a summary. */
  void resume(TrainingSummary saved) {
    for (EpochSummary epoch : saved.epochs()) {
      add(epoch, saved.confusion());
    }
    confusion = saved.confusion();
  }

  /** What decides: of the validation rows where there are some. */
  static double watchedLoss(EpochSummary epoch) {
    return epoch.validation() == null ? epoch.training().loss() : epoch.validation().loss();
  }

  /** How many epochs are done. */
  int size() {
    return epochs.size();
  }

  boolean isComplete() {
    return epochs.size() >= most || stopping.reasonToStop() != null;
  }

  /** Of at least one epoch. */
  TrainingSummary summary(TrainingSummary.Fit fit) {
    String reason = epochs.size() < most ? stopping.reasonToStop() : null;
    return new TrainingSummary(epochs, stopping.bestEpoch(), reason, confusion, fit);
  }
}
