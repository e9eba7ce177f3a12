// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Compares a scheduler's settings, which are final, with those of a state dict. */
final class SavedSettings {
  private SavedSettings() {}

  /** Refuses a state whose settings differ; what it does not name is taken to agree. */
  static void check(ObjectNode own, JsonNode saved) {
    own.properties()
        .forEach(
            setting -> {
              JsonNode value = saved.path(setting.getKey());
              if (!value.isMissingNode() && !same(setting.getValue(), value)) {
                throw new IllegalArgumentException(
                    "loadStateDict: %s: expected %s, got %s; make the scheduler with the settings of the state"
                        .formatted(setting.getKey(), setting.getValue(), value));
              }
            });
  }

  private static boolean same(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.asDouble() == b.asDouble(); // 1 and 1.0 are two nodes
    }
    if (a.isContainerNode() && b.isContainerNode()) {
      return a.equals((left, right) -> same(left, right) ? 0 : 1, b);
    }
    return a.equals(b);
  }
}
