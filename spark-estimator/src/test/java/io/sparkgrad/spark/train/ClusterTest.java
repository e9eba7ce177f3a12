// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.spark.train.Cluster.Executors;
import java.util.Collections;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterTest {
  @ParameterizedTest
  @CsvSource({
    "1, 0,    1 core",
    "2, 0,    2 cores",
    "1, 1,    1 GPU and 1 core",
    "4, 2,    2 GPU and 4 cores",
    "1, 0.25, 0.25 GPU and 1 core",
  })
  @DisplayName("what a worker takes names its cores, and its GPUs where it has some")
  void demand(int cpus, double gpus, String words) {
    assertEquals(words, Cluster.demand(cpus, gpus));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, false", // they may still be on their way
    "0, 0, 2, false",
    "0, 0, 3, true",
    "1, 0, 3, false", // one has stayed
    "0, 5, 7, false", // what ended before the fit tells nothing
    "0, 5, 8, true",
  })
  @DisplayName("a fit waits no longer once three executors have come and gone and none has stayed")
  void cannotStart(int running, int lostBefore, int lost, boolean expected) {
    Executors before = new Executors(0, Collections.nCopies(lostBefore, "ended"));
    Executors now = new Executors(running, Collections.nCopies(lost, "ended"));
    assertEquals(expected, now.cannotStart(before));
  }
}
