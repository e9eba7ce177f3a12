// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;

/** The arguments of one layer in an architecture, with the path to them for error messages. */
public record LayerArguments(JsonNode json, String path) {

  /** A required integer of at least {@code least}. */
  public int integer(String name, int least) {
    JsonNode value = json.path(name);
    if (!value.isInt() || value.asInt() < least) {
      throw wrong(name, least > 0 ? "a positive integer" : "an integer of 0 or more", value);
    }
    return value.asInt();
  }

  public int integer(String name, int least, int otherwise) {
    return json.has(name) ? integer(name, least) : otherwise;
  }

  /** Height and width: one integer for both, or a list of two; {@code otherwise} if missing. */
  int[] pair(String name, int least, int otherwise) {
    JsonNode value = json.path(name);
    if (!value.isArray()) {
      int both = integer(name, least, otherwise);
      return new int[] {both, both};
    }
    if (value.size() != 2
        || !value.get(0).isInt()
        || !value.get(1).isInt()
        || Math.min(value.get(0).asInt(), value.get(1).asInt()) < least) {
      throw wrong(name, "an integer or two, of %d or more".formatted(least), value);
    }
    return new int[] {value.get(0).asInt(), value.get(1).asInt()};
  }

  /** As {@link #pair(String, int, int)}, required. */
  int[] pair(String name, int least) {
    if (!json.path(name).isArray()) {
      int both = integer(name, least);
      return new int[] {both, both};
    }
    return pair(name, least, least);
  }

  /** A height and a width as PyTorch prints them. */
  static String pairText(int height, int width) {
    return height == width ? String.valueOf(height) : "(%d, %d)".formatted(height, width);
  }

  /** Writes what {@link #pair} reads. */
  static void putPair(ObjectNode json, String name, int height, int width) {
    if (height == width) {
      json.put(name, height);
    } else {
      json.putArray(name).add(height).add(width);
    }
  }

  /** One integer of at least {@code least}, or a list of them. */
  long[] integers(String name, int least) {
    JsonNode value = json.path(name);
    if (!value.isArray()) {
      return new long[] {integer(name, least)};
    }
    long[] out = new long[value.size()];
    for (int i = 0; i < out.length; i++) {
      if (!value.get(i).isInt() || value.get(i).asInt() < least) {
        throw wrong(name, "integers of %d or more".formatted(least), value);
      }
      out[i] = value.get(i).asInt();
    }
    return out;
  }

  /** A number as Python prints it: {@code 1e-05}, {@code 0.1}. */
  static String text(double value) {
    double size = Math.abs(value);
    if (size == 0 || (size >= 1e-4 && size < 1e16)) {
      return BigDecimal.valueOf(value).toPlainString();
    }
    String[] parts = String.valueOf(value).split("E", -1);
    int exponent = Integer.parseInt(parts[1]);
    return "%se%s%02d"
        .formatted(
            parts[0].replaceFirst("\\.0$", ""), exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  public double number(String name, double otherwise) {
    JsonNode value = json.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw wrong(name, "a number", value);
    }
    return value.asDouble();
  }

  public String text(String name, String otherwise) {
    JsonNode value = json.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isTextual()) {
      throw wrong(name, "a string", value);
    }
    return value.asText();
  }

  /** A required integer; one below 0 counts from the end. */
  int axis(String name) {
    JsonNode value = json.path(name);
    if (!value.isInt()) {
      throw wrong(name, "an integer", value);
    }
    return value.asInt();
  }

  public boolean flag(String name, boolean otherwise) {
    JsonNode value = json.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw wrong(name, "true or false", value);
    }
    return value.asBoolean();
  }

  IllegalArgumentException wrong(String name, String expected, JsonNode actual) {
    return new IllegalArgumentException(
        "architecture: %s.%s: expected %s, got %s"
            .formatted(
                path, name, expected, actual.isMissingNode() ? "nothing" : actual.toString()));
  }
}
