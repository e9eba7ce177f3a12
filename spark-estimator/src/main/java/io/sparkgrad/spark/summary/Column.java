// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A column of the table of epochs.
 *
 * @param value what it says of an epoch; empty if nothing
 */
record Column(String name, Function<EpochSummary, String> value) {
  /** Those that some epoch fills. */
  static List<Column> of(TrainingSummary summary) {
    List<Column> columns = new ArrayList<>();
    columns.add(
        new Column("epoch", e -> e.epoch() + (e.epoch() == summary.bestEpoch() ? "*" : " ")));
    for (Series series : Series.of(summary)) {
      columns.add(number(series.name(), "%.4f", series.value()));
    }
    columns.add(number("learning rate", "%.3g", EpochSummary::learningRate));
    columns.add(number("rows/s", "%,.0f", EpochSummary::rowsPerSecond));
    columns.add(number("seconds", "%.2f", e -> e.time().total()));
    columns.add(number("computing", "%.2f", e -> e.time().computing()));
    columns.add(number("waiting", "%.2f", e -> e.time().waiting()));
    columns.add(number("communicating", "%.2f", e -> e.time().communicating()));
    columns.add(number("sent MB", "%.2f", e -> e.bytesSent() / 1e6));
    columns.removeIf(
        c -> summary.epochs().stream().allMatch(e -> c.value().apply(e).matches("|0\\.00")));
    return columns;
  }

  private static Column number(String name, String format, ToDoubleFunction<EpochSummary> value) {
    return new Column(
        name,
        e -> {
          double number = value.applyAsDouble(e);
          return Double.isNaN(number) ? "" : String.format(Locale.ROOT, format, number);
        });
  }
}
