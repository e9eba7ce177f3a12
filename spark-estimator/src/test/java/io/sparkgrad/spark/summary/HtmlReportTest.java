// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page is well-formed XML, so the tests parse it. */
class HtmlReportTest {
  private static Document parsed(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static Document page(TrainingSummary summary) throws Exception {
    String html = summary.toHtml();
    assertTrue(html.startsWith("<!DOCTYPE html>\n"), html);
    assertFalse(html.contains("NaN"), html);
    assertFalse(html.replace("http://www.w3.org/2000/svg", "").contains("http"), "no network");
    return parsed(html.substring(html.indexOf('\n')));
  }

  private static List<Element> all(Document document, String tag, String attribute, String value) {
    NodeList nodes = document.getElementsByTagName(tag);
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Element element = (Element) nodes.item(i);
      if (element.getAttribute(attribute).equals(value)) {
        found.add(element);
      }
    }
    return found;
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @Test
  void theChartsAreLossMetricsAndLearningRate() throws Exception {
    Document page = page(Summaries.training(10, 3));
    NodeList captions = page.getElementsByTagName("figcaption");
    List<String> names = new ArrayList<>();
    for (int i = 0; i < captions.getLength(); i++) {
      names.add(captions.item(i).getTextContent());
    }
    assertEquals(List.of("loss", "accuracy", "learning rate"), names);
    assertEquals(2 + 2 + 1, all(page, "path", "class", "line").size());
    assertEquals(9, all(page, "g", "class", "cell").size());
    assertTrue(page.getDocumentElement().getTextContent().contains("frozenLayers"));
  }

  @Test
  @DisplayName("points stand where their epoch and value say, between the axis and its last mark")
  void pointsOfALine() throws Exception {
    LineChart.Line line = new LineChart.Line("loss", "red", "none", new double[] {4, 0, 2});
    Document svg = parsed(new LineChart("loss", 1, 0, List.of(line)).svg().toString());
    List<Element> dots = all(svg, "circle", "fill", "red");
    assertEquals(58, number(dots.get(0), "cx"), 0.01);
    assertEquals((58 + 460) / 2.0, number(dots.get(1), "cx"), 0.01);
    assertEquals(460, number(dots.get(2), "cx"), 0.01);
    assertEquals(34, number(dots.get(0), "cy"), 0.01, "4 is the highest mark");
    assertEquals(228, number(dots.get(1), "cy"), 0.01, "0 is the lowest");
    assertEquals(131, number(dots.get(2), "cy"), 0.01, "half way");
    assertEquals(
        "M58.00 34.00L259.00 228.00L460.00 131.00",
        all(svg, "path", "class", "line").get(0).getAttribute("d"));
  }

  @Test
  void aLineIsBrokenWhereAValueIsNotFinite() throws Exception {
    double[] values = {1, 2, Double.NaN, 2, Double.POSITIVE_INFINITY, 1};
    LineChart.Line line = new LineChart.Line("loss", "red", "none", values);
    Document svg = parsed(new LineChart("loss", 1, 0, List.of(line)).svg().toString());
    String path = all(svg, "path", "class", "line").get(0).getAttribute("d");
    assertEquals(3, path.chars().filter(c -> c == 'M').count(), path);
    assertEquals(1, path.chars().filter(c -> c == 'L').count(), path);
  }

  @Test
  void aSingleEpochIsADot() throws Exception {
    Document page = page(Summaries.training(1, 2));
    assertEquals(5, page.getElementsByTagName("circle").getLength());
    assertTrue(all(page, "g", "class", "marked").isEmpty());
  }

  @Test
  void aThousandEpochsAreLinesAndAFoldedTable() throws Exception {
    Document page = page(Summaries.training(1000, 2));
    assertEquals(0, page.getElementsByTagName("circle").getLength());
    assertEquals(1, page.getElementsByTagName("details").getLength());
    assertEquals(3, all(page, "g", "class", "marked").size());
  }

  @Test
  void aHundredClassesHaveNoNumbersInTheirCells() throws Exception {
    Document page = page(Summaries.training(2, 100));
    List<Element> cells = all(page, "g", "class", "cell");
    assertEquals(20, cells.size(), "those that are not empty");
    cells.forEach(c -> assertEquals(0, c.getElementsByTagName("text").getLength()));
  }

  @Test
  void aFitWithoutClassesAndValidationHasItsPageToo() throws Exception {
    EpochSummary epoch =
        new EpochSummary(
            1,
            1,
            new Evaluation(5, Double.POSITIVE_INFINITY, Map.of()),
            null,
            Double.NaN,
            new EpochSummary.Time(0, 0, 0, 0),
            0);
    Document page =
        page(
            new TrainingSummary(
                List.of(epoch), 1, null, null, new TrainingSummary.Fit(1, 0, 0, 0, Map.of())));
    assertEquals(0, page.getElementsByTagName("svg").getLength());
  }

  @Test
  void textsAreEscaped() throws Exception {
    String evil = "<script>alert('&\"')</script>\u0000\u001b[1m";
    TrainingSummary plain = Summaries.training(1, 2);
    EpochSummary epoch = plain.last();
    Evaluation evaluation = new Evaluation(1, 1, Map.of(evil, 0.5));
    TrainingSummary summary =
        new TrainingSummary(
            List.of(
                new EpochSummary(
                    1, 1, evaluation, evaluation, 0.1, epoch.time(), epoch.bytesSent())),
            1,
            evil,
            null,
            new TrainingSummary.Fit(1, 1, 1, 1, Map.of(evil, evil)));
    Document page = page(summary);
    assertEquals(0, page.getElementsByTagName("script").getLength());
    assertTrue(
        page.getDocumentElement().getTextContent().contains("<script>alert('&\"')</script>"));
  }

  @Test
  @DisplayName(
      "cells hold their number and are the darker, the larger their share of the actual class")
  void cellsOfTheHeatMap() throws Exception {
    ConfusionMatrix matrix =
        new ConfusionMatrix(3, new double[] {27, 9, 0, 12_345, 0, 0.5, 0, 0, 0});
    Document svg = parsed(new HeatMap(matrix).svg().toString());
    List<Element> cells = all(svg, "g", "class", "cell");
    assertEquals(
        List.of("27", "9", "0", "12k", "0", "0.5", "0", "0", "0"),
        cells.stream().map(c -> c.getElementsByTagName("text").item(0).getTextContent()).toList());
    double[] shades =
        cells.stream()
            .mapToDouble(
                c -> number((Element) c.getElementsByTagName("rect").item(0), "fill-opacity"))
            .toArray();
    assertEquals("[0.87, 0.5, 0.0, 1.0, 0.0, 0.01, 0.0, 0.0, 0.0]", Arrays.toString(shades));
    assertEquals(
        "class 0 taken for 1: 9 (25.0 %)",
        cells.get(1).getElementsByTagName("title").item(0).getTextContent());
  }
}
