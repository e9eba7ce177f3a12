// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TicksTest {
  private static List<String> labels(Ticks ticks) {
    return ticks.values().stream().map(Ticks::label).toList();
  }

  @Test
  void niceNumbersAroundTheValues() {
    assertEquals(
        List.of("0", "0.2", "0.4", "0.6", "0.8", "1"), labels(Ticks.around(0.05, 0.98, 5)));
    assertEquals(List.of("-2", "-1", "0", "1", "2", "3"), labels(Ticks.around(-1.4, 2.9, 5)));
    assertEquals(List.of("0.85", "0.9", "0.95"), labels(Ticks.around(0.86, 0.95, 2)));
  }

  @Test
  void wholeNumbersWithinTheEpochs() {
    assertEquals(List.of("1", "2", "3"), labels(Ticks.within(1, 3, 8)));
    assertEquals(List.of("200", "400", "600", "800", "1000"), labels(Ticks.within(1, 1000, 5)));
    assertEquals(List.of("1"), labels(Ticks.within(1, 1, 8)));
  }

  @Test
  @DisplayName("an axis of a single value has room on both sides of it")
  void aSingleValue() {
    for (double value : new double[] {0, 0.5, -3, 1e-7, 12_345}) {
      Ticks ticks = Ticks.around(value, value, 5);
      assertTrue(ticks.from() < value && value < ticks.to(), value + " in " + ticks);
      assertTrue(ticks.values().size() <= 7, value + " in " + ticks);
    }
  }

  @Test
  void labelsAreShort() {
    assertEquals("0.0005", Ticks.label(0.0005));
    assertEquals("5e-6", Ticks.label(5e-6));
    assertEquals("2.5e7", Ticks.label(2.5e7));
    assertEquals("-1e-5", Ticks.label(-1e-5));
    assertEquals("0.3", Ticks.label(3 * 0.1));
    assertEquals("200", Ticks.label(200));
    assertEquals("0", Ticks.label(0));
  }
}
