// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Lines over the epochs, as SVG. What is not finite is left out, and the line is broken there.
 *
 * @param title for those who cannot see it
 * @param firstEpoch of the first value of each line
 * @param marked an epoch with a vertical line; 0 for none
 */
record LineChart(String title, int firstEpoch, int marked, List<Line> lines) {
  private static final double WIDTH = 480;
  private static final double HEIGHT = 270;
  private static final double LEFT = 58;
  private static final double RIGHT = WIDTH - 20;
  private static final double TOP = 34;
  private static final double BOTTOM = HEIGHT - 42;

  private static final String MARK = "#888";
  private static final String DOTS = "2 3";

  /** In pixels of its 480: below, points are drawn as dots, so that one alone is seen. */
  private static final double SPACE_FOR_DOTS = 8;

  /**
   * Values of consecutive epochs, of which at least one is finite.
   *
   * @param color for CSS
   * @param dashes as SVG's stroke-dasharray: black and white printers know no colours
   */
  record Line(String name, String color, String dashes, double[] values) {}

  Markup svg() {
    Markup svg = new Markup();
    svg.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 %.0f %.0f".formatted(WIDTH, HEIGHT),
        "role",
        "img",
        "font-size",
        12);
    svg.text("title", title);
    Ticks y = vertical();
    axes(svg, y);
    mark(svg);
    for (Line line : lines) {
      draw(svg, line, y);
    }
    legend(svg);
    return svg.close("svg");
  }

  private Ticks vertical() {
    double[] all =
        lines.stream()
            .flatMapToDouble(line -> Arrays.stream(line.values))
            .filter(Double::isFinite)
            .toArray();
    return Ticks.around(
        DoubleStream.of(all).min().orElse(0), DoubleStream.of(all).max().orElse(1), 5);
  }

  private int lastEpoch() {
    return firstEpoch + lines.stream().mapToInt(line -> line.values.length).max().orElse(1) - 1;
  }

  private double x(double epoch) {
    int last = lastEpoch();
    return last == firstEpoch
        ? (LEFT + RIGHT) / 2
        : LEFT + (epoch - firstEpoch) / (last - firstEpoch) * (RIGHT - LEFT);
  }

  private static double y(double value, Ticks ticks) {
    return BOTTOM - (value - ticks.from()) / (ticks.to() - ticks.from()) * (BOTTOM - TOP);
  }

  private void axes(Markup svg, Ticks vertical) {
    svg.open("g", "fill", "#555", "stroke", "none");
    for (double value : vertical.values()) {
      double y = y(value, vertical);
      svg.empty("path", "d", path("M%.2f %.2fH%.2f", LEFT, y, RIGHT), "stroke", "#e3e3e3");
      svg.text("text", Ticks.label(value), "x", LEFT - 7, "y", y + 4, "text-anchor", "end");
    }
    for (double epoch : Ticks.within(firstEpoch, lastEpoch(), 8).values()) {
      double x = x(epoch);
      svg.empty("path", "d", path("M%.2f %.2fv5", x, BOTTOM), "stroke", "#999");
      svg.text("text", Ticks.label(epoch), "x", x, "y", BOTTOM + 19, "text-anchor", "middle");
    }
    svg.empty(
        "path",
        "d",
        path("M%.2f %.2fV%.2fH%.2f", LEFT, TOP, BOTTOM, RIGHT),
        "stroke",
        "#999",
        "fill",
        "none");
    svg.text("text", "epoch", "x", (LEFT + RIGHT) / 2, "y", HEIGHT - 6, "text-anchor", "middle");
    svg.close("g");
  }

  private void mark(Markup svg) {
    if (isMarked()) {
      svg.open("g", "class", "marked");
      svg.empty(
          "path",
          "d",
          path("M%.2f %.2fV%.2f", x(marked), TOP, BOTTOM),
          "stroke",
          MARK,
          "stroke-dasharray",
          DOTS);
      svg.close("g");
    }
  }

  private boolean isMarked() {
    return marked >= firstEpoch && marked <= lastEpoch() && lastEpoch() > firstEpoch;
  }

  private void draw(Markup svg, Line line, Ticks vertical) {
    StringBuilder path = new StringBuilder();
    Markup dots = new Markup();
    boolean spacious = (RIGHT - LEFT) / line.values.length > SPACE_FOR_DOTS;
    boolean pen = false;
    for (int i = 0; i < line.values.length; i++) {
      double value = line.values[i];
      if (Double.isFinite(value)) {
        double x = x(firstEpoch + i);
        double y = y(value, vertical);
        path.append(path(pen ? "L%.2f %.2f" : "M%.2f %.2f", x, y));
        if (spacious) {
          dots.open("circle", "cx", x, "cy", y, "r", 2.5, "fill", line.color);
          dots.text(
              "title", "%s, epoch %d: %s".formatted(line.name, firstEpoch + i, Ticks.label(value)));
          dots.close("circle");
        }
      }
      pen = Double.isFinite(value);
    }
    svg.empty(
        "path",
        "class",
        "line",
        "d",
        path,
        "fill",
        "none",
        "stroke",
        line.color,
        "stroke-width",
        2,
        "stroke-dasharray",
        line.dashes,
        "stroke-linejoin",
        "round");
    svg.add(dots);
  }

  private void legend(Markup svg) {
    double x = LEFT;
    for (Line line : lines) {
      x = legend(svg, x, line.name, line.color, line.dashes);
    }
    if (isMarked()) {
      legend(svg, x, "best epoch " + marked, MARK, DOTS);
    }
  }

  /** Returns where the next may begin. */
  private static double legend(Markup svg, double x, String name, String color, String dashes) {
    svg.empty(
        "path",
        "d",
        path("M%.2f 15h22", x),
        "stroke",
        color,
        "stroke-width",
        2,
        "stroke-dasharray",
        dashes);
    svg.text("text", name, "x", x + 28, "y", 19.0, "fill", "#333");
    return x + 28 + 7 * name.length() + 16;
  }

  private static String path(String format, Object... numbers) {
    return String.format(Locale.ROOT, format, numbers);
  }
}
