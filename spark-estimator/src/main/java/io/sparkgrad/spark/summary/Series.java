// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * One measure over the epochs.
 *
 * @param measure {@code loss} or the name of a metric
 * @param validation whether on the validation rows, else on the training rows
 * @param value NaN where an epoch has none
 */
record Series(String measure, boolean validation, ToDoubleFunction<EpochSummary> value) {
  static final String LOSS = "loss";

  String name() {
    return validation ? "validation " + measure : measure;
  }

  /** All that some epoch has, loss first, validation after training. */
  static List<Series> of(TrainingSummary summary) {
    Set<String> measures = new LinkedHashSet<>(List.of(LOSS));
    for (EpochSummary epoch : summary.epochs()) {
      evaluations(epoch).forEach(e -> measures.addAll(e.metrics().keySet()));
    }
    List<Series> all = new ArrayList<>();
    for (String measure : measures) {
      all.add(new Series(measure, false, e -> value(e.training(), measure)));
      all.add(
          new Series(
              measure,
              true,
              e -> e.validation() == null ? Double.NaN : value(e.validation(), measure)));
    }
    all.removeIf(s -> summary.epochs().stream().mapToDouble(s.value).allMatch(Double::isNaN));
    return all;
  }

  private static Stream<Evaluation> evaluations(EpochSummary epoch) {
    return epoch.validation() == null
        ? Stream.of(epoch.training())
        : Stream.of(epoch.training(), epoch.validation());
  }

  private static double value(Evaluation evaluation, String measure) {
    return measure.equals(LOSS)
        ? evaluation.loss()
        : evaluation.metrics().getOrDefault(measure, Double.NaN);
  }
}
