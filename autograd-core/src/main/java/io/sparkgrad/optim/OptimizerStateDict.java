// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An optimiser's state as PyTorch lays it out: for each parameter that was stepped, by its number
 * over all groups, tensors and numbers under their names; for each group its settings and the
 * numbers of its parameters.
 *
 * <p>As a file it is one safetensors file, so that its parts cannot come from different moments:
 * tensors are called {@code state.<index>.<key>}, numbers and groups stand as JSON in the metadata
 * {@code optimizer}.
 *
 * @param state values are {@link Tensor} or {@link Number}
 */
public record OptimizerStateDict(
    Map<Integer, Map<String, Object>> state, List<ObjectNode> paramGroups) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METADATA = "optimizer";
  private static final String STATE = "state";
  private static final String PARAM_GROUPS = "param_groups";
  static final String PARAMS = "params";

  static OptimizerStateDict of(
      List<? extends ParamGroup<?>> groups, Map<Tensor, ParameterState> states) {
    Map<Integer, Map<String, Object>> entries = new TreeMap<>();
    List<ObjectNode> described = new ArrayList<>();
    int index = 0;
    for (ParamGroup<?> group : groups) {
      ObjectNode json = JSON.createObjectNode();
      group.describe(json);
      ArrayNode numbers = json.putArray(PARAMS);
      for (Tensor p : group.params()) {
        ParameterState state = states.get(p);
        if (state != null && !state.entries().isEmpty()) {
          entries.put(index, state.entries());
        }
        numbers.add(index++);
      }
      described.add(json);
    }
    return new OptimizerStateDict(entries, described);
  }

  /** Numbers and groups as JSON; with {@link #tensors()} it is all that there is. */
  public String json() {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode scalars = root.putObject(STATE);
    state.forEach(
        (index, values) -> {
          ObjectNode entry = scalars.putObject(index.toString());
          values.forEach(
              (key, value) -> {
                if (value instanceof Number n) {
                  entry.set(key, JSON.valueToTree(n));
                }
              });
        });
    root.putArray(PARAM_GROUPS).addAll(paramGroups);
    try {
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree has a JSON form", e);
    }
  }

  /** Tensors under the names that they have in a file: {@code state.<index>.<key>}. */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.forEach(
        (index, values) ->
            values.forEach(
                (key, value) -> {
                  if (value instanceof Tensor t) {
                    tensors.put(STATE + "." + index + "." + key, t);
                  }
                }));
    return tensors;
  }

  /** Writes the file as a whole or not at all. */
  public void write(Path file) throws IOException {
    Safetensors.write(tensors(), Map.of(METADATA, json()), file);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException in one sentence if it is something else
   */
  public static OptimizerStateDict read(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    Map<String, Tensor> tensors = Safetensors.read(content, file.toString());
    String text = Safetensors.readMetadata(content, file.toString()).get(METADATA);
    if (text == null) {
      throw new IllegalArgumentException(
          "optimizer: %s: expected the metadata '%s', got none; is it the file of a model?"
              .formatted(file, METADATA));
    }
    return of(text, tensors, file.toString());
  }

  /**
   * Puts together what {@link #json()} and {@link #tensors()} gave.
   *
   * @param source names where they are from in the error
   * @throws IllegalArgumentException in one sentence if they are something else
   */
  public static OptimizerStateDict of(String json, Map<String, Tensor> tensors, String source) {
    try {
      return parse(JSON.readTree(json), tensors);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IllegalArgumentException("optimizer: " + source + ": " + e.getMessage(), e);
    }
  }

  private static OptimizerStateDict parse(JsonNode root, Map<String, Tensor> tensors) {
    Map<Integer, Map<String, Object>> state = new TreeMap<>();
    root.path(STATE)
        .properties()
        .forEach(
            entry -> {
              Map<String, Object> values = new LinkedHashMap<>();
              entry.getValue().properties().forEach(v -> values.put(v.getKey(), number(v)));
              state.put(index(entry.getKey(), entry.getKey()), values);
            });
    tensors.forEach(
        (name, tensor) -> {
          String[] parts = name.split("\\.", 3);
          if (parts.length != 3 || !parts[0].equals(STATE)) {
            throw new IllegalArgumentException(
                "expected tensors called state.<index>.<key>, got '" + name + "'");
          }
          state
              .computeIfAbsent(index(parts[1], name), i -> new LinkedHashMap<>())
              .put(parts[2], tensor);
        });
    List<ObjectNode> groups = new ArrayList<>();
    for (JsonNode group : root.path(PARAM_GROUPS)) {
      if (!(group instanceof ObjectNode object)) {
        throw new IllegalArgumentException("param_groups: expected objects, got " + group);
      }
      groups.add(object);
    }
    return new OptimizerStateDict(state, groups);
  }

  private static Number number(Map.Entry<String, JsonNode> entry) {
    if (!entry.getValue().isNumber()) {
      throw new IllegalArgumentException(
          "%s: expected a number, got %s".formatted(entry.getKey(), entry.getValue()));
    }
    return entry.getValue().numberValue();
  }

  private static int index(String text, String name) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected a parameter's number in 'state', got '%s'".formatted(name), e);
    }
  }
}
