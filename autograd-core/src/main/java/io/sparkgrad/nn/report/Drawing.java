// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.report;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.Trace;
import io.sparkgrad.nn.report.GradientGraph.Link;
import io.sparkgrad.nn.report.GradientGraph.Vertex;
import java.util.List;

/** The graph as boxes and arrows, the way of the data; solid where a gradient comes back. */
final class Drawing {
  /** What a box stands for, in the colours of both formats. */
  enum Style {
    TRAINED("parameter with gradient", "#c8e6c9"),
    UNTRAINED("parameter without gradient", "#e0e0e0"),
    RUN("operation run by backward", "#bbdefb"),
    SKIPPED("operation or tensor without gradient", "#ffffff"),
    CUT("gradient lost here", "#ffcdd2");

    private final String meaning;
    private final String fill;

    Style(String meaning, String fill) {
      this.meaning = meaning;
      this.fill = fill;
    }

    String meaning() {
      return meaning;
    }

    String fill() {
      return fill;
    }
  }

  record Box(int id, String title, String shape, Style style, boolean leaf) {}

  record Arrow(int from, int to, boolean gradient) {}

  private final List<Box> boxes;
  private final List<Arrow> arrows;

  Drawing(GradientGraph graph, Labels labels) {
    boxes = graph.vertices().stream().map(v -> box(v, labels)).toList();
    arrows = graph.links().stream().filter(l -> l.from() != null).map(Drawing::arrow).toList();
  }

  List<Box> boxes() {
    return boxes;
  }

  List<Arrow> arrows() {
    return arrows;
  }

  private static Arrow arrow(Link link) {
    Vertex from = link.from();
    return new Arrow(from == null ? -1 : from.id(), link.to().id(), link.gradient());
  }

  private static Box box(Vertex v, Labels labels) {
    boolean leaf = v.source() instanceof Tensor;
    return new Box(v.id(), labels.name(v), Labels.shape(v).toString(), style(v, labels), leaf);
  }

  private static Style style(Vertex v, Labels labels) {
    if (labels.isParameter(v)) {
      return v.reached() ? Style.TRAINED : Style.UNTRAINED;
    }
    if (v.source() instanceof Trace trace) {
      switch (trace.kind()) {
        case NO_GRAD, DETACH, NOT_DIFFERENTIABLE -> {
          return Style.CUT;
        }
        default -> {}
      }
    }
    return v.reached() ? Style.RUN : Style.SKIPPED;
  }

  String toDot() {
    StringBuilder dot = new StringBuilder("digraph gradients {\n");
    dot.append("  node [style=filled, fontname=\"monospace\"];\n");
    for (Box b : boxes) {
      dot.append(
          "  v%d [label=\"%s\\n%s\", shape=%s, fillcolor=\"%s\"];\n"
              .formatted(
                  b.id,
                  quoted(b.title),
                  quoted(b.shape),
                  b.leaf ? "ellipse" : "box",
                  b.style.fill()));
    }
    for (Arrow a : arrows) {
      dot.append("  v%d -> v%d%s;\n".formatted(a.from, a.to, a.gradient ? "" : " [style=dashed]"));
    }
    return dot.append("}\n").toString();
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
