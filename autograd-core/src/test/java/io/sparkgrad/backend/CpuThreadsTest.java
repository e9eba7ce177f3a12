// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuThreadsTest {
  @Test
  void aScopeEndsWithTheNumberFromBefore() {
    assertEquals(1, CpuThreads.getNumThreads());
    try (var outer = CpuThreads.setNumThreads(3)) {
      try (var inner = CpuThreads.setNumThreads(2)) {
        assertEquals(2, CpuThreads.getNumThreads());
        inner.close();
        assertEquals(3, CpuThreads.getNumThreads());
        CpuThreads.setNumThreads(4);
      }
      assertEquals(4, CpuThreads.getNumThreads());
    }
    assertEquals(1, CpuThreads.getNumThreads());
  }

  @Test
  void eachThreadHasItsOwn() throws InterruptedException {
    AtomicInteger other = new AtomicInteger();
    try (var scope = CpuThreads.setNumThreads(3)) {
      Thread thread = new Thread(() -> other.set(CpuThreads.getNumThreads()));
      thread.start();
      thread.join();
    }
    assertEquals(1, other.get());
  }

  @Test
  void refusesNone() {
    assertEquals(
        "setNumThreads: number of threads, expected at least 1, got 0; 1 leaves all work to the calling thread.",
        assertThrows(IllegalArgumentException.class, () -> CpuThreads.setNumThreads(0))
            .getMessage());
  }

  @Test
  void theSystemPropertyIsTheDefault() {
    assertEquals(1, CpuThreads.parse(null));
    assertEquals(16, CpuThreads.parse("16"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "two", "", "99999"})
  void refusesABadProperty(String value) {
    assertEquals(
        "CpuThreads: system property sparkgrad.threads, expected a number of threads from 1 to 9999, got '%s'; correct it or leave it out for 1."
            .formatted(value),
        assertThrows(IllegalArgumentException.class, () -> CpuThreads.parse(value)).getMessage());
  }
}
