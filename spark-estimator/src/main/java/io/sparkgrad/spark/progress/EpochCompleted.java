// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import io.sparkgrad.spark.summary.EpochSummary;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * A fit has completed an epoch; after a lost executor the same epochs are completed again. {@code
 * SparkListener.onOtherEvent} gets it, and the event log.
 *
 * @param fit of {@link FitStarted}
 * @param stage the name of the estimator's class
 * @param uid of the estimator
 * @param summary what the epoch came to, over all workers
 * @param time in milliseconds since 1970
 */
public record EpochCompleted(String fit, String stage, String uid, EpochSummary summary, long time)
    implements SparkListenerEvent {}
