// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.scaling;

import java.util.List;
import java.util.Locale;

/**
 * Panels side by side, in each the efficiency of the ways to sum over the number of workers, as SVG
 * that needs nothing else.
 */
final class ScalingPlot {
  private static final int WIDTH = 400;
  private static final int HEIGHT = 280;
  private static final int LEFT = 46;
  private static final int RIGHT = WIDTH - 16;
  private static final int TOP = 36;
  private static final int BOTTOM = HEIGHT - 40;
  private static final int LEGEND = 30;
  private static final int COLUMNS = 2;

  /** How a line is drawn: dashes alone tell which is which. */
  private record Stroke(String color, String dashes) {
    static Stroke of(AllReduce algorithm) {
      return switch (algorithm) {
        case RING -> new Stroke("#0072b2", "none");
        case RECURSIVE_DOUBLING -> new Stroke("#d55e00", "7 3");
        case HALVING_DOUBLING -> new Stroke("#009e73", "2 3");
        case HIERARCHICAL -> new Stroke("#555555", "9 3 2 3");
      };
    }
  }

  private final List<Integer> workers;
  private final StringBuilder body = new StringBuilder();
  private int panels;

  /** For these numbers of workers, ascending powers of two. */
  ScalingPlot(List<Integer> workers) {
    this.workers = workers;
  }

  /** Adds a panel, two of which make a row. */
  void add(String title, TrainingCost cost, Link link) {
    int x = panels % COLUMNS * WIDTH;
    int y = LEGEND + panels / COLUMNS * HEIGHT;
    panels++;
    add("<g transform='translate(%d %d)'>%n", x, y);
    add("<text x='%d' y='22' font-weight='bold'>%s</text>%n", LEFT, title);
    axes();
    for (AllReduce algorithm : AllReduce.values()) {
      StringBuilder path = new StringBuilder();
      for (int n : workers) {
        double efficiency = cost.efficiency(algorithm, n, link);
        path.append(path.isEmpty() ? 'M' : 'L').append(text("%.1f %.1f", x(n), y(efficiency)));
      }
      line(path.toString(), algorithm);
    }
    add("</g>%n");
  }

  private void axes() {
    for (int percent = 0; percent <= 100; percent += 20) {
      double y = y(percent / 100.0);
      add("<path d='M%d %.1fH%d' stroke='#e3e3e3'/>%n", LEFT, y, RIGHT);
      add(
          "<text x='%d' y='%.1f' text-anchor='end' fill='#555'>%d%%</text>%n",
          LEFT - 6, y + 4, percent);
    }
    for (int n : workers) {
      add(
          "<text x='%.1f' y='%d' text-anchor='middle' fill='#555'>%d</text>%n",
          x(n), BOTTOM + 17, n);
    }
    add(
        "<text x='%d' y='%d' text-anchor='middle' fill='#555'>workers</text>%n",
        (LEFT + RIGHT) / 2, BOTTOM + 33);
    add("<path d='M%d %dV%dH%d' stroke='#999' fill='none'/>%n", LEFT, TOP, BOTTOM, RIGHT);
  }

  private double x(int n) {
    double first = Math.log(workers.get(0));
    double last = Math.log(workers.get(workers.size() - 1));
    return LEFT + (Math.log(n) - first) / (last - first) * (RIGHT - LEFT - 12) + 6;
  }

  private static double y(double efficiency) {
    return BOTTOM - efficiency * (BOTTOM - TOP);
  }

  private void line(String path, AllReduce algorithm) {
    Stroke stroke = Stroke.of(algorithm);
    add(
        "<path d='%s' fill='none' stroke='%s' stroke-width='2' stroke-dasharray='%s'/>%n",
        path, stroke.color, stroke.dashes);
  }

  private void add(String format, Object... arguments) {
    body.append(text(format, arguments));
  }

  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  /** The whole picture. */
  String svg() {
    int rows = (panels + COLUMNS - 1) / COLUMNS;
    String panelsSoFar = body.toString();
    body.setLength(0);
    add(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif' font-size='12'>%n",
        COLUMNS * WIDTH, LEGEND + rows * HEIGHT);
    add("<title>Part of linear speed-up that is left, by number of workers</title>%n");
    add("<rect width='100%%' height='100%%' fill='white'/>%n");
    int x = LEFT;
    for (AllReduce algorithm : AllReduce.values()) {
      line("M%d 19h26".formatted(x), algorithm);
      add("<text x='%d' y='23'>%s</text>%n", x + 32, algorithm.label());
      x += 32 + 7 * algorithm.label().length() + 20;
    }
    return body + panelsSoFar + "</svg>\n";
  }
}
