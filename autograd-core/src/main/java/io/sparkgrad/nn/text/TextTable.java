// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows under headings. No line is longer than {@link #WIDTH}: the widest columns give way, and a
 * cell that does not fit goes on in the next line. Not safe for threads.
 */
public final class TextTable {
  /** The longest line. */
  public static final int WIDTH = 80;

  private static final String GAP = "  ";

  private final boolean[] numbers;
  private final List<String[]> rows = new ArrayList<>();

  /** A heading that begins with {@code >} is that of a column of numbers, set to the right. */
  public TextTable(String... headings) {
    numbers = new boolean[headings.length];
    String[] titles = headings.clone();
    for (int i = 0; i < titles.length; i++) {
      numbers[i] = titles[i].startsWith(">");
      titles[i] = numbers[i] ? titles[i].substring(1) : titles[i];
    }
    rows.add(titles);
  }

  public TextTable row(Object... cells) {
    if (cells.length != numbers.length) {
      throw new IllegalArgumentException(
          "table: expected %d cells, got %d".formatted(numbers.length, cells.length));
    }
    rows.add(Arrays.stream(cells).map(String::valueOf).toArray(String[]::new));
    return this;
  }

  /** The text in lines of at most this width, broken at spaces where there are any. */
  public static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > width) {
      int space = rest.lastIndexOf(' ', width);
      int dot = rest.lastIndexOf('.', width - 1) + 1;
      int cut = space > 0 ? space : dot > 0 ? dot : width;
      lines.add(rest.substring(0, cut));
      rest = rest.substring(cut).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  /** The lines, each ended by a line feed; a rule stands below the headings. */
  @Override
  public String toString() {
    int[] widths = widths();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      append(rows.get(i), widths, text);
      if (i == 0) {
        String[] rule = Arrays.stream(widths).mapToObj("-"::repeat).toArray(String[]::new);
        append(rule, widths, text);
      }
    }
    return text.toString();
  }

  private int[] widths() {
    int[] widths = new int[numbers.length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    int room = WIDTH - GAP.length() * (widths.length - 1);
    while (Arrays.stream(widths).sum() > room) {
      int widest = 0;
      for (int i = 1; i < widths.length; i++) {
        widest = widths[i] > widths[widest] ? i : widest;
      }
      widths[widest]--;
    }
    return widths;
  }

  private void append(String[] row, int[] widths, StringBuilder text) {
    List<List<String>> cells = new ArrayList<>();
    for (int i = 0; i < row.length; i++) {
      cells.add(wrap(row[i], widths[i]));
    }
    int height = cells.stream().mapToInt(List::size).max().orElse(0);
    for (int line = 0; line < height; line++) {
      StringBuilder out = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String cell = line < cells.get(i).size() ? cells.get(i).get(line) : "";
        String space = " ".repeat(widths[i] - cell.length());
        out.append(i == 0 ? "" : GAP).append(numbers[i] ? space + cell : cell + space);
      }
      text.append(out.toString().stripTrailing()).append('\n');
    }
  }
}
