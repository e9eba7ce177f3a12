// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import java.util.List;

/** What schedulers that are made of others share. */
final class Composite {
  private Composite() {}

  static void check(String name, Optimizer<?> optimizer, List<? extends LRScheduler> schedulers) {
    if (schedulers.isEmpty()) {
      throw new IllegalArgumentException(name + ": expected at least one scheduler, got none");
    }
    for (int i = 0; i < schedulers.size(); i++) {
      if (schedulers.get(i).optimizer() != optimizer) {
        throw new IllegalArgumentException(
            "%s: expected schedulers of one optimizer, got another at index %d".formatted(name, i));
      }
    }
  }

  static void describe(List<LRScheduler> schedulers, ObjectNode json) {
    ArrayNode parts = json.putArray("_schedulers");
    schedulers.forEach(s -> s.describe(parts.addObject()));
  }
}
