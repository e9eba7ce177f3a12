// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.mllib;

import io.sparkgrad.examples.Median;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * One fit.
 *
 * @param passes iterations or epochs it was given
 * @param seconds all of {@code fit}
 * @param accuracy on the test images
 */
record Trial(Learner learner, int passes, double seconds, double accuracy) {
  static double median(List<Trial> trials, ToDoubleFunction<Trial> value) {
    return Median.of(trials.stream().mapToDouble(value));
  }

  /** A line for other programs to read. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "fit learner=%s %s=%d seconds=%.2f accuracy=%.4f",
        learner.name(),
        learner.passes(),
        passes,
        seconds,
        accuracy);
  }
}
