// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.io.Serializable;
import java.util.Locale;
import java.util.Map;

/**
 * How well a network did on some rows.
 *
 * @param rows over all workers
 * @param loss the weighted mean over the rows
 * @param metrics by name, such as {@code accuracy} or {@code rmse}
 */
public record Evaluation(long rows, double loss, Map<String, Double> metrics)
    implements Serializable {
  /** One line for people: loss and metrics. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "loss %.4f", loss));
    metrics.forEach(
        (name, value) -> line.append(String.format(Locale.ROOT, "  %s %.4f", name, value)));
    return line.toString();
  }
}
