// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * Summaries as JSON. The components of the records are the names of the fields; those that are not
 * known are passed over, so that a field may be added without a new version.
 *
 * <p>Version 1 had no version field: a line for each epoch, with the numbers of its training rows.
 */
final class SummaryJson {
  private static final String VERSION = "version";
  private static final int CURRENT = 2;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private SummaryJson() {}

  static String write(EpochSummary summary) {
    return text(JSON.valueToTree(summary));
  }

  static String write(TrainingSummary summary) {
    ObjectNode json = JSON.createObjectNode().put(VERSION, CURRENT);
    json.setAll(JSON.<ObjectNode>valueToTree(summary));
    return text(json);
  }

  private static String text(JsonNode json) {
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree has a JSON form", e);
    }
  }

  static EpochSummary readEpoch(String json) {
    JsonNode tree = tree("epoch summary", json);
    return tree.has("training")
        ? bound("epoch summary", tree, EpochSummary.class)
        : bound("epoch summary", tree, EpochOfVersion1.class).now();
  }

  static TrainingSummary readTraining(String json) {
    List<String> lines = json.lines().toList();
    JsonNode first = tree("training summary", lines.isEmpty() ? "" : lines.get(0));
    int version = first.path(VERSION).asInt(1);
    if (version > CURRENT) {
      throw new IllegalArgumentException(
          "training summary: of version %d, expected at most %d; read it with a later Sparkgrad"
              .formatted(version, CURRENT));
    }
    return version == 1
        ? ofEpochs(lines.stream().map(SummaryJson::readEpoch).toList())
        : bound("training summary", first, TrainingSummary.class);
  }

  private static TrainingSummary ofEpochs(List<EpochSummary> epochs) {
    double seconds = epochs.stream().mapToDouble(e -> e.time().total()).sum();
    int last = epochs.get(epochs.size() - 1).epoch();
    return new TrainingSummary(
        epochs, last, null, null, new TrainingSummary.Fit(0, 0, 0, seconds, Map.of()));
  }

  private record EpochOfVersion1(
      int epoch, int epochs, double loss, double accuracy, long rows, double seconds) {
    EpochSummary now() {
      return new EpochSummary(
          epoch,
          epochs,
          new Evaluation(rows, loss, Map.of("accuracy", accuracy)),
          null,
          Double.NaN,
          new EpochSummary.Time(seconds, 0, 0, 0),
          0);
    }
  }

  private static JsonNode tree(String what, String json) {
    try {
      JsonNode tree = JSON.readTree(json);
      if (tree.isObject()) {
        return tree;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(what + ": not JSON: " + json, e);
    }
    throw new IllegalArgumentException("%s: not a JSON object: '%s'".formatted(what, json));
  }

  private static <T> T bound(String what, JsonNode tree, Class<T> type) {
    try {
      return JSON.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(what + ": " + e.getOriginalMessage(), e);
    }
  }
}
