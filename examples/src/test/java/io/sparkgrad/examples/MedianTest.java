// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class MedianTest {
  @Test
  void itStandsInTheMiddleOfTheSortedValues() {
    assertEquals(3, Median.of(DoubleStream.of(9, 1, 3)));
    assertEquals(2.5, Median.of(List.of(4.0, 1.0, 3.0, 2.0))); // (2 + 3) / 2
  }

  @Test
  void ofNoValuesThereIsNone() {
    var e = assertThrows(IllegalArgumentException.class, () -> Median.of(DoubleStream.empty()));
    assertEquals("median: expected at least one value, got none", e.getMessage());
  }
}
