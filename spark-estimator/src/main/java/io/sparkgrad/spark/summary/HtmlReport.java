// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A training summary as one page that needs nothing else: no script, no network. */
final class HtmlReport {
  private static final String TRAINING = "#1f6fb4";
  private static final String VALIDATION = "#c8501e";
  private static final String SOLID = "none";
  private static final String DASHED = "7 3";

  /** More epochs are folded away. */
  private static final int MOST_SHOWN = 30;

  private final TrainingSummary summary;
  private final Markup page = new Markup();

  private HtmlReport(TrainingSummary summary) {
    this.summary = summary;
  }

  static String of(TrainingSummary summary) {
    HtmlReport report = new HtmlReport(summary);
    report.write();
    return "<!DOCTYPE html>\n" + report.page;
  }

  private void write() {
    page.open("html", "lang", "en").open("head");
    page.empty("meta", "charset", "utf-8");
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.text("title", "Training summary");
    page.text("style", style());
    page.close("head").open("body");
    page.text("h1", "Training summary");
    pairs(Facts.of(summary));
    page.open("div", "class", "charts");
    charts().forEach(this::figure);
    page.close("div");
    if (summary.confusion() != null) {
      confusion(summary.confusion());
    }
    epochs();
    if (!summary.fit().settings().isEmpty()) {
      page.text("h2", "Settings");
      pairs(summary.fit().settings());
    }
    page.close("body").close("html");
  }

  /** It holds nothing that would be escaped. */
  private static String style() {
    try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("report.css of this jar", e);
    }
  }

  private void pairs(Map<String, String> pairs) {
    page.open("dl");
    pairs.forEach(
        (name, value) -> page.open("div").text("dt", name).text("dd", value).close("div"));
    page.close("dl");
  }

  /** One for each measure, training and validation together, and the learning rate. */
  private List<LineChart> charts() {
    Map<String, List<LineChart.Line>> byMeasure = new LinkedHashMap<>();
    for (Series series : Series.of(summary)) {
      byMeasure
          .computeIfAbsent(series.measure(), m -> new ArrayList<>())
          .add(
              new LineChart.Line(
                  series.validation() ? "validation" : "training",
                  series.validation() ? VALIDATION : TRAINING,
                  series.validation() ? DASHED : SOLID,
                  summary.epochs().stream().mapToDouble(series.value()).toArray()));
    }
    double[] rates = summary.epochs().stream().mapToDouble(EpochSummary::learningRate).toArray();
    byMeasure.put(
        "learning rate", List.of(new LineChart.Line("learning rate", "#4d7a3a", SOLID, rates)));
    List<LineChart> charts = new ArrayList<>();
    byMeasure.forEach(
        (measure, lines) ->
            charts.add(
                new LineChart(
                    measure, summary.epochs().get(0).epoch(), summary.bestEpoch(), lines)));
    charts.removeIf(
        c ->
            c.lines().stream()
                .flatMapToDouble(l -> Arrays.stream(l.values()))
                .noneMatch(Double::isFinite));
    return charts;
  }

  private void figure(LineChart chart) {
    page.open("figure").text("figcaption", chart.title()).add(chart.svg()).close("figure");
  }

  private void confusion(ConfusionMatrix matrix) {
    HeatMap map = new HeatMap(matrix);
    page.text("h2", "Confusion matrix");
    String rows = summary.validationRows() > 0 ? "the validation rows" : "the training rows";
    page.text("p", "Of %s; the darker a cell, the larger its share of its row.".formatted(rows));
    page.open("div", "class", "charts")
        .open("figure", "class", "square")
        .add(map.svg())
        .close("figure");
    if (map.hasNumbers()) {
      classes(matrix);
    }
    page.close("div");
  }

  private void classes(ConfusionMatrix matrix) {
    List<List<String>> rows = new ArrayList<>();
    for (int c = 0; c < matrix.classes(); c++) {
      rows.add(
          List.of(
              String.valueOf(c),
              Ticks.label(matrix.actual(c)),
              share(matrix.recall(c)),
              share(matrix.precision(c))));
    }
    table(List.of("class", "rows", "recall", "precision"), rows);
  }

  private static String share(double share) {
    return Double.isNaN(share) ? "–" : Facts.number("%.3f", share);
  }

  private void epochs() {
    page.text("h2", "Epochs");
    List<Column> columns = Column.of(summary);
    boolean folded = summary.epochs().size() > MOST_SHOWN;
    if (folded) {
      page.open("details").text("summary", "all %d epochs".formatted(summary.epochs().size()));
    }
    table(
        columns.stream().map(Column::name).toList(),
        summary.epochs().stream()
            .map(e -> columns.stream().map(c -> c.value().apply(e)).toList())
            .toList());
    if (folded) {
      page.close("details");
    }
    page.text("p", "* the best epoch");
  }

  private void table(List<String> header, List<List<String>> rows) {
    page.open("div", "class", "scroll").open("table").open("thead").open("tr");
    header.forEach(name -> page.text("th", name));
    page.close("tr").close("thead").open("tbody");
    for (List<String> row : rows) {
      page.open("tr");
      row.forEach(cell -> page.text("td", cell));
      page.close("tr");
    }
    page.close("tbody").close("table").close("div");
  }
}
