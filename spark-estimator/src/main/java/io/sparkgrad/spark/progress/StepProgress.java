// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/**
 * How far rank 0 is in an epoch.
 *
 * @param epoch from 1
 * @param step how many of the epoch's {@code steps} are done
 * @param loss the weighted mean over its rows of the epoch so far; NaN if there are none yet
 */
public record StepProgress(int epoch, int epochs, int step, int steps, double loss) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an object of numbers has a JSON form", e);
    }
  }

  /** Empty if the text is JSON of something else. */
  static Optional<StepProgress> fromJson(String json) {
    try {
      StepProgress read = JSON.readValue(json, StepProgress.class);
      return read.steps > 0 ? Optional.of(read) : Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("step progress: not the JSON of a worker: " + json, e);
    }
  }

  /** From 0 to 1, of all epochs. */
  double fraction() {
    return (epoch - 1 + (double) step / steps) / epochs;
  }
}
