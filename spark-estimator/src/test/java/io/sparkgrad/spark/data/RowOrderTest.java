// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RowOrderTest {
  private static long place(int partition, int row) {
    RowPlace place = new RowPlace(partition);
    IntStream.rangeClosed(0, row).forEach(i -> place.advance());
    return place.key();
  }

  private static int[] slots(long... places) {
    RowOrder order = new RowOrder();
    for (long place : places) {
      order.append(place);
    }
    order.seal();
    return IntStream.range(0, order.size()).map(order::slot).toArray();
  }

  @Test
  @DisplayName("rows of partitions that come in any order are found in the order of the DataFrame")
  void partitionsInAnyOrder() {
    assertArrayEquals(
        new int[] {3, 4, 5, 2, 0, 1},
        slots(place(7, 1), place(7, 3), place(4, 0), place(2, 0), place(2, 2), place(2, 4)));
    assertArrayEquals(
        new int[] {0, 3, 1, 2}, slots(place(1, 0), place(2, 0), place(2, 1), place(1, 1)));
    assertArrayEquals(new int[0], slots());
  }

  @Test
  void placesAreReadable() {
    RowPlace place = new RowPlace(3);
    place.advance();
    place.advance();
    assertEquals("row 1 of partition 3", place.toString());
    assertEquals(3, RowPlace.partition(place.key()));
  }

  @Test
  void aRowThatComesTwiceIsNoticed() {
    assertThrows(IllegalStateException.class, () -> slots(place(1, 0), place(1, 1), place(1, 0)));
  }
}
