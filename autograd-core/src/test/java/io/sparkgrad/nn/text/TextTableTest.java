// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.text;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void columnsAreAligned() {
    assertEquals(
        """
        layer  values
        -----  ------
        a           1
        bbbbb     100
        """,
        new TextTable("layer", ">values").row("a", 1).row("bbbbb", 100).toString());
  }

  @Test
  @DisplayName("no line is longer than 80 characters, and nothing is lost")
  void narrow() {
    String name = "blocks.".repeat(30) + "weight";
    String text = new TextTable("name", "why").row(name, "word ".repeat(40)).toString();
    assertTrue(text.lines().allMatch(l -> l.length() <= TextTable.WIDTH), text);
    assertEquals(40, text.split("word", -1).length - 1);
    assertEquals(30, text.split("blocks\\.", -1).length - 1);
  }

  @Test
  void wrapping() {
    assertEquals(List.of("ab cd", "ef"), TextTable.wrap("ab cd ef", 5));
    assertEquals(List.of("ab.", "cdef"), TextTable.wrap("ab.cdef", 4));
    assertEquals(List.of("abcd", "ef"), TextTable.wrap("abcdef", 4));
    assertEquals(List.of(""), TextTable.wrap("", 4));
  }

  @Test
  void wrongNumberOfCells() {
    rejects(
        IllegalArgumentException.class,
        "table: expected 2 cells, got 1",
        () -> new TextTable("a", "b").row("c"));
  }
}
