// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import io.sparkgrad.examples.Median;
import io.sparkgrad.spark.summary.EpochSummary;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** A step of a worker, the mean of an epoch, in seconds, and the bytes that rank 0 sent in it. */
record Step(double total, double computing, double communicating, double bytes) {
  /** Those of a fit's epochs but the first, which warms up. */
  static List<Step> ofLaterEpochs(List<EpochSummary> epochs, int stepsOfEpoch) {
    return epochs.stream().skip(1).map(epoch -> of(epoch, stepsOfEpoch)).toList();
  }

  private static Step of(EpochSummary epoch, int steps) {
    return new Step(
        epoch.time().total() / steps,
        epoch.time().computing() / steps,
        epoch.time().communicating() / steps,
        (double) epoch.bytesSent() / steps);
  }

  static double median(List<Step> steps, ToDoubleFunction<Step> value) {
    return Median.of(steps.stream().mapToDouble(value));
  }

  static double best(List<Step> steps) {
    return steps.stream().mapToDouble(Step::total).min().orElseThrow();
  }
}
