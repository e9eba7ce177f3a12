// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.examples.CommandLineRun;
import org.junit.jupiter.api.Test;

class BenchClusterTest {
  @Test
  void settingsAreChecked() {
    CommandLineRun run = CommandLineRun.of("bench-cluster", "--executors=1");
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("--executors of at least 2"), run.err());
  }
}
