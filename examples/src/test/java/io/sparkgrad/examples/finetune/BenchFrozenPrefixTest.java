// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.examples.CommandLineRun;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BenchFrozenPrefixTest {
  private static CommandLineRun run(String... more) {
    List<String> args = new ArrayList<>(List.of("bench-frozen-prefix", "--data", "data"));
    args.addAll(List.of("--master", "local[2]", "--size", "32", "--per-class", "2"));
    args.addAll(List.of(more));
    return CommandLineRun.of(args.toArray(String[]::new));
  }

  @Test
  @DisplayName("with and without the cache the weights are the same, and the ratio is printed")
  void wholeWay() {
    CommandLineRun run = run("--epochs", "2", "--rounds", "1", "--warm-up", "0");
    assertEquals(0, run.exitCode(), run.out() + run.err());
    assertTrue(
        run.out().contains("check workload=frozen-prefix-epoch weights differing=0\n"), run.out());
    assertTrue(
        run.out().contains("ratio workload=frozen-prefix-epoch workers=2 value="), run.out());
  }

  @Test
  void settingsAreChecked() {
    CommandLineRun run = run("--epochs", "1");
    assertEquals(1, run.exitCode());
    assertEquals(
        "bench-frozen-prefix: expected --epochs of at least 2 and --rounds of at least 1, got 1 and 3",
        run.err().strip());
  }
}
