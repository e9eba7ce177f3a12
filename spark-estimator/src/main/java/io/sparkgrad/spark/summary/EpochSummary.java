// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.io.Serializable;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one epoch came to, over all workers.
 *
 * @param epoch from 1
 * @param epochs how many there may be
 * @param training on the training rows as they were seen while training
 * @param validation on the validation rows after the epoch; null if there are none
 * @param learningRate of the last step, of the first parameter group; NaN if not known
 * @param time where the time of rank 0 went
 * @param bytesSent by rank 0 to other workers
 */
public record EpochSummary(
    int epoch,
    int epochs,
    Evaluation training,
    @Nullable Evaluation validation,
    double learningRate,
    Time time,
    long bytesSent)
    implements Serializable {
  /**
   * Seconds.
   *
   * @param total wall time of the epoch
   * @param computing forward, backward and optimiser steps
   * @param waiting for rows: reading and preparing batches
   * @param communicating with other workers: as long as training stood still for it, waiting for
   *     them included. Gradients travel while backward computes the next ones; of that only what is
   *     left when backward is done counts here
   */
  public record Time(double total, double computing, double waiting, double communicating)
      implements Serializable {}

  /** Training rows of all workers in a second; 0 if no time went by. */
  public double rowsPerSecond() {
    return time.total() > 0 ? training.rows() / time.total() : 0;
  }

  /** On one line, as {@link #fromJson} reads it. */
  public String toJson() {
    return SummaryJson.write(this);
  }

  /**
   * Reads what {@link #toJson()} wrote, in this version or an earlier one.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static EpochSummary fromJson(String json) {
    return SummaryJson.readEpoch(json);
  }

  /** One line for people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "epoch %d/%d  %s%s  %.0f rows/s",
        epoch,
        epochs,
        training,
        validation == null ? "" : "  validation " + validation,
        rowsPerSecond());
  }
}
