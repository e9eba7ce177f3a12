// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What there is to say of a fit as a whole, each with its name. */
final class Facts {
  private Facts() {}

  static Map<String, String> of(TrainingSummary summary) {
    Map<String, String> facts = new LinkedHashMap<>();
    TrainingSummary.Fit fit = summary.fit();
    facts.put("epochs", "%d of %d".formatted(summary.totalIterations(), summary.last().epochs()));
    if (summary.earlyStop() != null) {
      facts.put("stopped early", summary.earlyStop());
    }
    EpochSummary best = summary.best();
    facts.put(
        "best epoch",
        "%d, %s"
            .formatted(
                best.epoch(),
                best.validation() == null ? best.training() : "validation " + best.validation()));
    String rows = number("%,d for training", summary.trainingRows());
    if (summary.validationRows() > 0) {
      rows += number(", %,d for validation", summary.validationRows());
    }
    facts.put("rows", rows);
    if (fit.trainedParameters() > 0) {
      facts.put(
          "parameters",
          number("%,d trained, ", fit.trainedParameters())
              + number("%,d frozen", fit.frozenParameters()));
    }
    String workers =
        switch (fit.workers()) {
          case 0 -> "";
          case 1 -> " on one worker";
          default -> " on %d workers".formatted(fit.workers());
        };
    facts.put("time", number("%.1f s", fit.seconds()) + workers);
    return facts;
  }

  static String number(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
