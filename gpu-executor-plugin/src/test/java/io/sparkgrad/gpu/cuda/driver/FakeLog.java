// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What fake libraries write down of their calls. */
final class FakeLog {
  private final Path file;
  private int read;

  FakeLog(String file) {
    this.file = Path.of(file);
  }

  /** That they wrote these lines, and no others, since the last time. */
  void assertLines(String... lines) throws IOException {
    List<String> all = Files.readAllLines(file);
    assertEquals(List.of(lines), all.subList(read, all.size()));
    read = all.size();
  }
}
