// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.Map;

/**
 * How well a network did on some rows.
 *
 * @param rows over all workers
 * @param loss the weighted mean over the rows
 * @param metrics by name, such as {@code accuracy} or {@code rmse}
 */
public record Evaluation(long rows, double loss, Map<String, Double> metrics) {}
