// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.discovery.DiscoverySelectors;

class GpuTestsTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @Tag("gpu")
  static class Passes {
    @Test
    void passes() {}

    @Test
    void isSkipped() {
      Assumptions.abort("not today");
    }
  }

  @Tag("gpu")
  static class Fails {
    @Test
    void fails() {
      fail("three and four");
    }
  }

  static class Untagged {
    @Test
    void fails() {
      fail("needs no GPU");
    }
  }

  private int run(boolean gpuIsMissing, Class<?>... classes) {
    return GpuTests.run(
        List.of(classes).stream().map(DiscoverySelectors::selectClass).toList(),
        ".*",
        gpuIsMissing,
        new PrintStream(written, true, StandardCharsets.UTF_8));
  }

  private void assertWritten(String line) {
    String text = written.toString(StandardCharsets.UTF_8);
    assertTrue(text.lines().anyMatch(l -> l.matches(line)), text);
  }

  @Test
  void countsWhatPassesAndSaysWhatIsSkipped() {
    assertEquals(0, run(false, Passes.class));
    assertWritten("GpuTestsTest\\$Passes +1 +0 +1 +0\\.\\d");
    assertWritten("skipped 1: .*not today");
  }

  @Test
  void aFailureIsPrintedAndDecides() {
    assertEquals(GpuTests.FAILED, run(true, Passes.class, Fails.class));
    assertWritten("FAILED GpuTestsTest\\$Fails: fails\\(\\)");
    assertWritten(".*AssertionFailedError: three and four");
    assertWritten("GpuTestsTest\\$Fails +0 +1 +0 +0\\.\\d");
  }

  @Test
  void withoutAGpuTheExitCodeSaysSo() {
    assertEquals(GpuTests.NO_GPU, run(true, Passes.class));
  }

  @Test
  void nothingToRunIsAFailure() {
    assertEquals(GpuTests.FAILED, run(false, Untagged.class));
  }
}
