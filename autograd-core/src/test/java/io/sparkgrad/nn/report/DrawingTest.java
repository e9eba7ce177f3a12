// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.models.SimpleCnn;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class DrawingTest {
  private static GradientReport report(Module net, Tensor x) {
    try (var scope = GradientReport.watch()) {
      return GradientReport.of(net.forward(x).sum(), net);
    }
  }

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<Element> elements(Document document, String tag) {
    NodeList found = document.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static List<Element> boxes(Document document) {
    return elements(document, "rect").stream().filter(r -> r.hasAttribute("rx")).toList();
  }

  private static int number(Element e, String attribute) {
    return Integer.parseInt(e.getAttribute(attribute));
  }

  private static boolean overlap(Element a, Element b) {
    return Math.abs(number(a, "x") - number(b, "x")) < number(a, "width")
        && Math.abs(number(a, "y") - number(b, "y")) < number(a, "height");
  }

  @Test
  @DisplayName("SimpleCnn: well-formed, every text in its box, no box over another")
  void simpleCnn() throws Exception {
    Module net = SimpleCnn.create(3, 8, 8, 10);
    net.freeze(List.of("conv1"));
    Document svg = parsed(report(net, Tensor.ones(2, 3, 8, 8)).toSvg());
    List<Element> boxes = boxes(svg);
    assertEquals(14, boxes.size()); // x, 6 parameters, conv, relu, conv, relu, flatten, fc, sum
    for (int i = 0; i < boxes.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertFalse(overlap(boxes.get(i), boxes.get(j)));
      }
      assertTrue(
          number(boxes.get(i), "x") + number(boxes.get(i), "width")
              <= number(svg.getDocumentElement(), "width"));
    }
    long frozen =
        boxes.stream()
            .filter(b -> b.getAttribute("fill").equals(Drawing.Style.UNTRAINED.fill()))
            .count();
    assertEquals(2, frozen);
    long solid =
        elements(svg, "path").stream()
            .filter(p -> p.hasAttribute("stroke") && !p.hasAttribute("stroke-dasharray"))
            .count();
    assertEquals(8, solid); // sum-fc, fc-flatten-relu2-conv2, and four parameters
  }

  @Test
  @DisplayName("names with the marks of XML and of DOT are escaped")
  void escaping() throws Exception {
    String name = "a<b>&\"c\\\u0001";
    Module net = Sequential.builder().add(name, new Linear(2, 2)).build();
    GradientReport report = report(net, Tensor.ones(1, 2));
    assertTrue(
        elements(parsed(report.toSvg()), "text").stream()
            .anyMatch(t -> t.getTextContent().equals("a<b>&\"c\\?.weight")));
    assertTrue(report.toDot().contains("label=\"a<b>&\\\"c\\\\"), report.toDot());
  }

  @Test
  void dot() {
    Module net = new Linear(2, 3);
    net.freeze(List.of("bias"));
    assertEquals(
        """
        digraph gradients {
          node [style=filled, fontname="monospace"];
          v0 [label="Sum\\n[]", shape=box, fillcolor="#bbdefb"];
          v1 [label="Linear\\n[1, 3]", shape=box, fillcolor="#bbdefb"];
          v2 [label="tensor\\n[1, 2]", shape=ellipse, fillcolor="#ffffff"];
          v3 [label="weight\\n[3, 2]", shape=ellipse, fillcolor="#c8e6c9"];
          v4 [label="bias\\n[3]", shape=ellipse, fillcolor="#e0e0e0"];
          v1 -> v0;
          v2 -> v1 [style=dashed];
          v3 -> v1;
          v4 -> v1 [style=dashed];
        }
        """,
        report(net, Tensor.ones(1, 2)).toDot());
  }

  @Test
  @DisplayName("an arrow over several layers bends around what lies between")
  void shortcut() throws Exception {
    Module net = new Sequential(new io.sparkgrad.nn.Residual(new Linear(2, 2), new Linear(2, 2)));
    Document svg = parsed(report(net, Tensor.ones(1, 2)).toSvg());
    assertTrue(elements(svg, "path").stream().anyMatch(p -> p.getAttribute("d").contains("C")));
  }
}
