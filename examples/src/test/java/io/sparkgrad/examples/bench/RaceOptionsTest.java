// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.examples.CommandLineRun;
import org.junit.jupiter.api.Test;

class RaceOptionsTest {
  @Test
  void numbersTooSmallAreNamedBesideTheOthersDefaults() {
    CommandLineRun run = CommandLineRun.of("bench-cpu", "--rounds", "0");
    assertEquals(1, run.exitCode());
    assertEquals(
        "bench-cpu: expected --rounds of at least 1, --seconds above 0 and --warm-up of at least 0, got 0, 2.0 and 5.0\n",
        run.err());
  }
}
