// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.report;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.Trace;
import io.sparkgrad.nn.report.GradientGraph.Link;
import io.sparkgrad.nn.report.GradientGraph.Vertex;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says why a parameter receives no gradient: goes from the parameter towards the loss and names the
 * first thing at which the gradient is lost.
 */
final class Obstacles {
  private final GradientGraph graph;
  private final Map<Vertex, List<Link>> uses = new HashMap<>();

  Obstacles(GradientGraph graph) {
    this.graph = graph;
    for (Link link : graph.links()) {
      if (link.from() != null) {
        uses.computeIfAbsent(link.from(), v -> new ArrayList<>()).add(link);
      }
    }
  }

  /** Empty if the parameter receives a gradient. */
  String reason(Tensor parameter) {
    if (graph.reaches(parameter)) {
      return "";
    }
    if (!parameter.requiresGrad()) {
      return "frozen";
    }
    Vertex start = graph.vertexOf(parameter);
    if (start == null) {
      return graph.watched()
          ? "not used by this loss"
          : "not reached by this loss (unwatched: cut off or not used)";
    }
    return search(start);
  }

  private String search(Vertex start) {
    Deque<Vertex> open = new ArrayDeque<>(List.of(start));
    Set<Vertex> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      Vertex vertex = open.remove();
      for (Link use : uses.getOrDefault(vertex, List.of())) {
        String obstacle = obstacle(use);
        if (obstacle != null) {
          return obstacle;
        }
        if (seen.add(use.to())) {
          open.add(use.to());
        }
      }
    }
    return "frozen while the loss was computed";
  }

  private static @Nullable String obstacle(Link use) {
    if (!(use.to().source() instanceof Trace trace) || use.from() == null) {
      return null;
    }
    return switch (trace.kind()) {
      case NO_GRAD -> "used under noGrad by %s %s".formatted(trace.op(), trace.shape());
      case DETACH -> "cut by detach after " + Labels.of(use.from());
      case NOT_DIFFERENTIABLE -> "cut by %s, which has no derivative".formatted(trace.op());
      default -> null;
    };
  }
}
