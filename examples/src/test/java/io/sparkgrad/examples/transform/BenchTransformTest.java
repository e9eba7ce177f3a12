// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.examples.CommandLineRun;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BenchTransformTest {
  @Test
  @DisplayName("transform and the loop predict the same classes, and the ratio is printed")
  void wholeWay() {
    CommandLineRun run =
        CommandLineRun.of(
            "bench-transform", "--rows=300", "--threads=2", "--rounds=1", "--warm-up=0");
    assertEquals(0, run.exitCode(), run.out() + run.err());
    for (String column : new String[] {"array<float>", "vector"}) {
      String key = "workload=transform-simplecnn column=" + column + " threads=2";
      assertTrue(
          run.out().contains("check " + key + " candidate=sparkgrad differing=0 of=30"), run.out());
      assertTrue(run.out().contains("ratio " + key + " peer=core-loop value="), run.out());
    }
  }

  @Test
  void settingsAreChecked() {
    CommandLineRun run = CommandLineRun.of("bench-transform", "--rows=9");
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("bench-transform: expected --rows of at least 10"), run.out());
  }
}
