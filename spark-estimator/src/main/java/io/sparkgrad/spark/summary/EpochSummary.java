// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import org.jspecify.annotations.Nullable;

/**
 * What one epoch came to, over all workers.
 *
 * @param epoch from 1
 * @param epochs how many there may be
 * @param training on the training rows as they were seen while training
 * @param validation on the validation rows after the epoch; null if there are none
 * @param learningRate of the last step, of the first parameter group
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
    long bytesSent) {
  /**
   * Seconds.
   *
   * @param total wall time of the epoch
   * @param computing forward, backward and optimiser steps
   * @param waiting for rows: reading and preparing batches
   * @param communicating with other workers, waiting for them included
   */
  public record Time(double total, double computing, double waiting, double communicating) {}
}
