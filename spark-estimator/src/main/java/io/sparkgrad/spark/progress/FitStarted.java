// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * A fit has begun. {@code SparkListener.onOtherEvent} gets it, and the event log.
 *
 * @param fit equal in all events of this fit and in no other
 * @param stage the name of the estimator's class
 * @param uid of the estimator
 * @param epochs how many there may be
 * @param time in milliseconds since 1970
 */
public record FitStarted(String fit, String stage, String uid, int workers, int epochs, long time)
    implements SparkListenerEvent {}
