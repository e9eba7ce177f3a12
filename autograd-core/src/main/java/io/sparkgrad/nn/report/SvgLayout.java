// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.report;

import io.sparkgrad.nn.report.Drawing.Arrow;
import io.sparkgrad.nn.report.Drawing.Box;
import io.sparkgrad.nn.report.Drawing.Style;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Draws in layers: a box stands above all that use it, operations to the left of leaves, so that a
 * chain is a straight line with its parameters beside it. Arrows that pass over a layer bend out to
 * the left. All boxes are of one size.
 */
final class SvgLayout {
  private static final int CHARACTER = 7; // of 12 pixels monospace, rounded up
  private static final int BOX_HEIGHT = 38;
  private static final int LAYER = 70;
  private static final int COLUMN_GAP = 24;
  private static final int LINE = 20;

  private final Drawing drawing;
  private final int[] layer;
  private final int[] column;
  private final int boxWidth;
  private final int left;
  private final int layers;
  private final int columns;

  SvgLayout(Drawing drawing) {
    this.drawing = drawing;
    this.layer = layers(drawing);
    this.layers = max(layer) + 1;
    this.column = columns();
    this.columns = max(column) + 1;
    this.boxWidth = 16 + CHARACTER * longest();
    this.left = bends() ? 120 : 20;
  }

  private static int max(int[] values) {
    int max = 0;
    for (int v : values) {
      max = Math.max(max, v);
    }
    return max;
  }

  private int longest() {
    return drawing.boxes().stream()
        .mapToInt(b -> Math.max(b.title().length(), b.shape().length()))
        .max()
        .orElse(0);
  }

  private boolean bends() {
    return drawing.arrows().stream().anyMatch(a -> span(a) > 1);
  }

  private int span(Arrow a) {
    return layer[a.from()] - layer[a.to()];
  }

  /** The longest way to the loss, by taking each box when all its uses have been taken. */
  private static int[] layers(Drawing drawing) {
    int n = drawing.boxes().size();
    int[] uses = new int[n];
    List<List<Arrow>> into = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      into.add(new ArrayList<>());
    }
    for (Arrow a : drawing.arrows()) {
      uses[a.from()]++;
      into.get(a.to()).add(a);
    }
    int[] layer = new int[n];
    Deque<Integer> open = new ArrayDeque<>(List.of(0)); // the loss
    while (!open.isEmpty()) {
      int to = open.remove();
      for (Arrow a : into.get(to)) {
        layer[a.from()] = Math.max(layer[a.from()], layer[to] + 1);
        if (--uses[a.from()] == 0) {
          open.add(a.from());
        }
      }
    }
    return layer;
  }

  private int[] columns() {
    int[] filled = new int[layers];
    int[] columns = new int[layer.length];
    drawing.boxes().stream()
        .sorted(Comparator.comparing(Box::leaf).thenComparing(Box::id))
        .forEach(b -> columns[b.id()] = filled[layer[b.id()]]++);
    return columns;
  }

  private int x(int id) {
    return left + column[id] * (boxWidth + COLUMN_GAP);
  }

  private int y(int id) {
    return 20 + (layers - 1 - layer[id]) * LAYER;
  }

  String toSvg() {
    int legend = 20 + layers * LAYER;
    int width = Math.max(left + columns * (boxWidth + COLUMN_GAP), 360);
    int height = legend + (Style.values().length + 1) * LINE;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" \
        font-family="monospace" font-size="12">
        <title>Where gradients go</title>
        <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" \
        markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        """
            .formatted(width, height, width, height));
    drawing.arrows().forEach(a -> svg.append(arrow(a)));
    drawing.boxes().forEach(b -> svg.append(box(b)));
    int line = legend;
    for (Style style : Style.values()) {
      svg.append(legend(style, line));
      line += LINE;
    }
    return svg.append(text(20, line + 12, "start", "dashed: no gradient comes back"))
        .append("</svg>\n")
        .toString();
  }

  private String box(Box b) {
    int x = x(b.id());
    int y = y(b.id());
    int middle = x + boxWidth / 2;
    return "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" fill=\"%s\" stroke=\"#424242\"/>\n"
            .formatted(x, y, boxWidth, BOX_HEIGHT, b.leaf() ? 16 : 3, b.style().fill())
        + text(middle, y + 16, "middle", b.title())
        + text(middle, y + 31, "middle", b.shape());
  }

  private String arrow(Arrow a) {
    int x1 = x(a.from()) + boxWidth / 2;
    int y1 = y(a.from()) + BOX_HEIGHT;
    int x2 = x(a.to()) + boxWidth / 2;
    int y2 = y(a.to());
    String path = "M%d %dL%d %d".formatted(x1, y1, x2, y2);
    if (span(a) > 1) {
      int out = Math.min(x(a.from()), x(a.to())) - 100;
      path =
          "M%d %dC%d %d %d %d %d %d"
              .formatted(
                  x(a.from()),
                  y1 - BOX_HEIGHT / 2,
                  out,
                  y1,
                  out,
                  y2,
                  x(a.to()),
                  y2 + BOX_HEIGHT / 2);
    }
    return "<path d=\"%s\" fill=\"none\" stroke=\"%s\"%s marker-end=\"url(#tip)\"/>\n"
        .formatted(
            path,
            a.gradient() ? "#1565c0" : "#9e9e9e",
            a.gradient() ? "" : " stroke-dasharray=\"4 3\"");
  }

  private static String legend(Style style, int y) {
    return "<rect x=\"20\" y=\"%d\" width=\"24\" height=\"14\" fill=\"%s\" stroke=\"#424242\"/>\n"
            .formatted(y, style.fill())
        + text(52, y + 12, "start", style.meaning());
  }

  private static String text(int x, int y, String anchor, String text) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
        x,
        y,
        anchor,
        escaped(text));
  }

  /** XML has no way to write most control characters. */
  private static String escaped(String text) {
    return text.replaceAll("[\\p{Cntrl}\\uFFFE\\uFFFF]", "?")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;");
  }
}
