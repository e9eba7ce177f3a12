// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;
import org.jspecify.annotations.Nullable;

/**
 * A fit has ended, the last of its events. {@code SparkListener.onOtherEvent} gets it, and the
 * event log.
 *
 * @param fit of {@link FitStarted}
 * @param stage the name of the estimator's class
 * @param uid of the estimator
 * @param failure why there is no model, in a sentence; null if there is one
 * @param time in milliseconds since 1970
 */
public record FitEnded(String fit, String stage, String uid, @Nullable String failure, long time)
    implements SparkListenerEvent {}
