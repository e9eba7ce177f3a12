// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.transform;

import io.sparkgrad.examples.Median;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs candidates strictly in turn. */
final class Turns {
  /** How long the turns of one took; at least one. */
  record Seconds(List<Double> turns) {
    double median() {
      return Median.of(turns);
    }

    double best() {
      return Collections.min(turns);
    }
  }

  private final Map<String, Runnable> candidates;

  Turns(Map<String, Runnable> candidates) {
    this.candidates = new LinkedHashMap<>(candidates);
  }

  /**
   * What the turns took, in the order of the candidates.
   *
   * @param warmUp rounds that do not count
   */
  Map<String, Seconds> run(int warmUp, int rounds) {
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    for (int round = -warmUp; round < rounds; round++) {
      for (Map.Entry<String, Runnable> candidate : candidates.entrySet()) {
        long start = System.nanoTime();
        candidate.getValue().run();
        double took = (System.nanoTime() - start) / 1e9;
        if (round >= 0) {
          seconds.computeIfAbsent(candidate.getKey(), name -> new ArrayList<>()).add(took);
        }
      }
    }
    Map<String, Seconds> result = new LinkedHashMap<>();
    seconds.forEach((name, times) -> result.put(name, new Seconds(times)));
    return result;
  }
}
