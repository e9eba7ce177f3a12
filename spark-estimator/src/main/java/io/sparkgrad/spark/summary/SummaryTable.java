// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A training summary as text: a line an epoch, with those in the middle left out of many. */
final class SummaryTable {
  private static final int SHOWN_AT_EACH_END = 10;
  private static final String GAP = "  ";

  private SummaryTable() {}

  static String of(TrainingSummary summary) {
    List<Column> columns = Column.of(summary);
    List<List<String>> lines = new ArrayList<>();
    lines.add(columns.stream().map(Column::name).toList());
    int before = 0;
    for (EpochSummary epoch : summary.epochs()) {
      if (isShown(summary, epoch)) {
        if (epoch.epoch() > before + 1) {
          lines.add(columns.stream().map(c -> "…").toList());
        }
        lines.add(columns.stream().map(c -> c.value().apply(epoch)).toList());
        before = epoch.epoch();
      }
    }
    StringBuilder text = new StringBuilder();
    aligned(lines).forEach(line -> text.append(line).append('\n'));
    Facts.of(summary)
        .forEach((name, fact) -> text.append(name).append(": ").append(fact).append('\n'));
    return text.toString();
  }

  private static boolean isShown(TrainingSummary summary, EpochSummary epoch) {
    int first = summary.epochs().get(0).epoch();
    return epoch.epoch() < first + SHOWN_AT_EACH_END
        || epoch.epoch() > summary.last().epoch() - SHOWN_AT_EACH_END
        || epoch.epoch() == summary.bestEpoch();
  }

  private static List<String> aligned(List<List<String>> lines) {
    int[] widths =
        IntStream.range(0, lines.get(0).size())
            .map(c -> lines.stream().mapToInt(line -> line.get(c).length()).max().orElse(0))
            .toArray();
    return lines.stream().map(line -> aligned(line, widths)).toList();
  }

  private static String aligned(List<String> line, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      text.append(c == 0 ? "" : GAP).append(" ".repeat(widths[c] - line.get(c).length()));
      text.append(line.get(c));
    }
    return text.toString();
  }
}
