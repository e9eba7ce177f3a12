// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Made-up summaries. */
public final class Summaries {
  private Summaries() {}

  /** Loss 1/epoch in training, a little more in validation, which is best two thirds of the way. */
  public static EpochSummary epoch(int epoch, int epochs) {
    double overfit = Math.max(0, epoch - epochs * 2 / 3) * 0.5 / epochs;
    return new EpochSummary(
        epoch,
        epochs,
        new Evaluation(100, 1.0 / epoch, Map.of("accuracy", 1 - 0.5 / epoch)),
        new Evaluation(20, 1.1 / epoch + overfit, Map.of("accuracy", 1 - 0.6 / epoch)),
        0.01 * (epochs + 1 - epoch) / epochs,
        new EpochSummary.Time(0.5, 0.3, 0.05, 0.15),
        1_500_000);
  }

  public static TrainingSummary training(int epochs, int classes) {
    List<EpochSummary> history =
        IntStream.rangeClosed(1, epochs).mapToObj(e -> epoch(e, epochs)).toList();
    double[] confusion = new double[classes * classes];
    for (int i = 0; i < 20; i++) {
      int actual = i % classes;
      confusion[actual * classes + (i % 7 == 0 ? (actual + 1) % classes : actual)]++;
    }
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("optimizer", "adam");
    settings.put("frozenLayers", "[conv_stem, blocks]");
    settings.put("batchSize", "32");
    return new TrainingSummary(
        history,
        Math.max(1, epochs * 2 / 3),
        null,
        new ConfusionMatrix(classes, confusion),
        new TrainingSummary.Fit(2, 1_210, 34_000, 0.5 * epochs, settings));
  }
}
