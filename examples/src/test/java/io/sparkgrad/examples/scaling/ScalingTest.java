// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.examples.CommandLineRun;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ScalingTest {
  private static final double MB = 1 << 20;

  /** 1 s latency, 1 MB a second, adding for nothing: costs can be counted. */
  private static final Link SLOW = new Link(1, 0.25, MB, 1e300);

  @Test
  @DisplayName("16 MB over 16 ranks, counted by hand")
  void algorithms() {
    assertEquals(2 * 15 + 2 * 15, AllReduce.RING.seconds(16 * MB, 16, SLOW)); // 15 rounds of 1 MB
    // 32 KB: one round, in which 15 messages are sent one after the other
    assertEquals(1 + 15 * (0.25 + 1 / 32.0), AllReduce.RING.seconds(MB / 32, 16, SLOW), 1e-12);
    assertEquals(4 * (1 + 16), AllReduce.RECURSIVE_DOUBLING.seconds(16 * MB, 16, SLOW));
    assertEquals(
        2 * 4 + 2 * (8 + 4 + 2 + 1), AllReduce.HALVING_DOUBLING.seconds(16 * MB, 16, SLOW));
    // in groups of 4: 2·3 rounds of 4 MB; across: 2·3 of 1 MB
    assertEquals(6 * (1 + 4) + 6 * (1 + 1), AllReduce.HIERARCHICAL.seconds(16 * MB, 16, SLOW));
  }

  @Test
  @DisplayName("of two equal buckets the first hides behind backward, the second does not")
  void overlap() {
    TrainingCost cost =
        new TrainingCost(
            "two",
            3,
            List.of(new TrainingCost.Bucket(MB / 2, 0.5), new TrainingCost.Bucket(MB / 2, 1)));
    Link link = new Link(0, 0, MB, 1e300);
    // Two ranks: a bucket takes 0.5 s; the first is full after 1 + 2·0.5 s, the second after 3 s.
    assertEquals(3.5, cost.step(AllReduce.RING, 2, link));
    assertEquals(3 / 3.5, cost.efficiency(AllReduce.RING, 2, link));
    Link busy = new Link(0, 0.1, MB, 1e300);
    assertEquals(3.8, cost.step(AllReduce.RING, 4, busy) - 0.25, 1e-12); // 0.75 s, and 3 messages
  }

  @Test
  @DisplayName("the command measures, prints its lines, and draws well-formed SVG")
  void command(@TempDir Path folder) throws Exception {
    Path svg = folder.resolve("scaling.svg");
    CommandLineRun run = CommandLineRun.of("simulate-ring", "--steps=1", "--svg=" + svg);
    assertEquals(0, run.exitCode(), run.out() + run.err());
    assertTrue(run.out().contains("compute network=simple-cnn batch=64 threads=1 ms="), run.out());
    for (String network : List.of("simple-cnn", "resnet-18")) {
      for (int gbit : new int[] {10, 100}) {
        String key = "network=%s gbit=%d workers=".formatted(network, gbit);
        assertTrue(run.out().contains("efficiency " + key + "1024 ring="), run.out());
        assertTrue(run.out().contains("switch " + key), run.out());
      }
    }
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(Files.readString(svg))));
    int curves = 4 * AllReduce.values().length;
    assertEquals(
        curves + AllReduce.values().length, // and the legend
        svgLines(document.getElementsByTagName("path")));
  }

  private static int svgLines(org.w3c.dom.NodeList paths) {
    int lines = 0;
    for (int i = 0; i < paths.getLength(); i++) {
      lines += paths.item(i).getAttributes().getNamedItem("stroke-dasharray") == null ? 0 : 1;
    }
    return lines;
  }
}
