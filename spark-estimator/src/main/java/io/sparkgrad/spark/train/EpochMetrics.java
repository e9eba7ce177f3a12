// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;

/**
 * What one epoch came to, over all workers.
 *
 * @param epoch from 1
 * @param loss weighted mean over the rows, as they were seen while training
 * @param accuracy share of rows whose class was predicted, as they were seen while training
 * @param seconds wall time on rank 0
 */
public record EpochMetrics(
    int epoch, int epochs, double loss, double accuracy, long rows, double seconds) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public double rowsPerSecond() {
    return seconds == 0 ? 0 : rows / seconds;
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(
          JSON.createObjectNode()
              .put("epoch", epoch)
              .put("epochs", epochs)
              .put("loss", loss)
              .put("accuracy", accuracy)
              .put("rows", rows)
              .put("seconds", seconds));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an object of numbers has a JSON form", e);
    }
  }

  static EpochMetrics fromJson(String json) {
    try {
      return JSON.readValue(json, EpochMetrics.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "epoch metrics: not the JSON that a worker writes: " + json, e);
    }
  }

  /** One per line. */
  static String toJsonLines(List<EpochMetrics> history) {
    return String.join("\n", history.stream().map(EpochMetrics::toJson).toList());
  }

  static List<EpochMetrics> fromJsonLines(String lines) {
    return lines.lines().map(EpochMetrics::fromJson).toList();
  }

  /** One line for people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "epoch %d/%d  loss %.4f  accuracy %.4f  %.0f rows/s",
        epoch,
        epochs,
        loss,
        accuracy,
        rowsPerSecond());
  }
}
