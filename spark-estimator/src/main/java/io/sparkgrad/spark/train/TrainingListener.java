// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.progress.StepProgress;
import io.sparkgrad.spark.summary.EpochSummary;

/** Is told by the loop how far it is, in the loop's thread. */
interface TrainingListener {
  /** Every second or so. */
  default void stepped(StepProgress progress) {}

  /** Before each batch of a pass over the validation rows; may throw, which ends the loop. */
  default void evaluating() {}

  /** On every rank with the same numbers but times and bytes. */
  void completed(EpochSummary epoch);
}
