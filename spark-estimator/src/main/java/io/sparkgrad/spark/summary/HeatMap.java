// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.Locale;

/**
 * A confusion matrix as SVG: the darker a cell, the larger its part of its actual class; the root
 * of that part, for else mistakes of one in a hundred would not be seen. Up to 20 classes have
 * their numbers in the cells.
 */
record HeatMap(ConfusionMatrix matrix) {
  private static final int MOST_WITH_NUMBERS = 20;
  private static final double SIZE = 440;
  private static final double LEFT = 52;
  private static final double TOP = 46;
  private static final double DARK = 0.6;

  boolean hasNumbers() {
    return matrix.classes() <= MOST_WITH_NUMBERS;
  }

  private double cell() {
    return SIZE / matrix.classes();
  }

  Markup svg() {
    Markup svg = new Markup();
    svg.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        String.format(Locale.ROOT, "0 0 %.0f %.0f", LEFT + SIZE + 6, TOP + SIZE + 6),
        "role",
        "img",
        "font-size",
        12);
    svg.text("title", "confusion matrix");
    axes(svg);
    for (int actual = 0; actual < matrix.classes(); actual++) {
      for (int predicted = 0; predicted < matrix.classes(); predicted++) {
        // Empty cells of many classes would be most of the page.
        if (hasNumbers() || matrix.weight(actual, predicted) != 0) {
          cell(svg, actual, predicted);
        }
      }
    }
    svg.empty(
        "rect", "x", LEFT, "y", TOP, "width", SIZE, "height", SIZE, "fill", "none", "stroke",
        "#999");
    return svg.close("svg");
  }

  private void axes(Markup svg) {
    Ticks ticks = Ticks.within(0, matrix.classes() - 1, hasNumbers() ? MOST_WITH_NUMBERS : 10);
    svg.open("g", "fill", "#555", "text-anchor", "middle");
    for (double c : ticks.values()) {
      double middle = (c + 0.5) * cell();
      svg.text("text", Ticks.label(c), "x", LEFT + middle, "y", TOP - 8);
      svg.text("text", Ticks.label(c), "x", LEFT - 15, "y", TOP + middle + 4);
    }
    svg.text("text", "predicted class", "x", LEFT + SIZE / 2, "y", 14.0);
    svg.text(
        "text",
        "actual class",
        "transform",
        String.format(Locale.ROOT, "translate(14 %.1f) rotate(-90)", TOP + SIZE / 2));
    svg.close("g");
  }

  private void cell(Markup svg, int actual, int predicted) {
    double weight = matrix.weight(actual, predicted);
    double share = weight == 0 ? 0 : weight / matrix.actual(actual);
    double shade = Math.sqrt(share);
    double x = LEFT + predicted * cell();
    double y = TOP + actual * cell();
    String color = actual == predicted ? "#1f6fb4" : "#c8501e";
    svg.open("g", "class", "cell");
    svg.text(
        "title",
        String.format(
            Locale.ROOT,
            "class %d taken for %d: %s (%.1f %%)",
            actual,
            predicted,
            Ticks.label(weight),
            100 * share));
    svg.empty(
        "rect",
        "x",
        x,
        "y",
        y,
        "width",
        cell(),
        "height",
        cell(),
        "fill",
        color,
        "fill-opacity",
        shade);
    if (hasNumbers()) {
      svg.text(
          "text",
          number(weight),
          "x",
          x + cell() / 2,
          "y",
          y + cell() / 2 + 4,
          "text-anchor",
          "middle",
          "font-size",
          Math.min(13, cell() / 2.6),
          "fill",
          shade > DARK ? "#fff" : weight == 0 ? "#aaa" : "#222");
    }
    svg.close("g");
  }

  /** At most five characters. */
  private static String number(double weight) {
    if (weight >= 9_999.5) {
      return weight < 999_500
          ? "%.0fk".formatted(weight / 1e3)
          : String.format(Locale.ROOT, "%.1e", weight).replace("e+0", "e");
    }
    boolean whole = weight == Math.rint(weight) || weight >= 100;
    return String.format(Locale.ROOT, whole ? "%.0f" : "%.1f", weight);
  }
}
