// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The settings of one parameter group: an immutable record that checks itself.
 *
 * @param <O> the record
 */
public interface OptimizerOptions<O extends OptimizerOptions<O>> {
  double lr();

  O withLr(double value);

  /** Whether there is a momentum, or a β₁ in its place, that a schedule may move. */
  default boolean hasMomentum() {
    return false;
  }

  /** With another momentum or β₁. */
  default O withMomentum(double value) {
    throw new UnsupportedOperationException("optimizer: there is no momentum to set to " + value);
  }

  /** Whether to go along the gradient instead of against it. */
  boolean maximize();

  /** Writes every setting under PyTorch's name. */
  void describe(ObjectNode json);

  /** These settings with what {@code json} says in their place; names it lacks keep their value. */
  O restored(JsonNode json);

  /** A number of a state dict. */
  static double number(JsonNode json, String name, double otherwise) {
    JsonNode value = json.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException(
          "loadStateDict: %s: expected a number, got %s".formatted(name, value));
    }
    return value.asDouble();
  }

  /** A flag of a state dict. */
  static boolean flag(JsonNode json, String name, boolean otherwise) {
    JsonNode value = json.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw new IllegalArgumentException(
          "loadStateDict: %s: expected true or false, got %s".formatted(name, value));
    }
    return value.asBoolean();
  }

  /** Refuses a setting in one sentence. */
  static void check(boolean ok, String what, Object value) {
    if (!ok) {
      throw new IllegalArgumentException("optimizer: Invalid %s: %s".formatted(what, value));
    }
  }
}
