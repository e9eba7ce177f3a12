// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Which ranks have a connection with one of them: all, or only the next and the one before.
 *
 * @param rank the one, from 0 to {@code worldSize - 1}
 * @param mesh whether it is connected with all; the same on all ranks
 */
record Topology(int rank, int worldSize, boolean mesh) {
  /**
   * So many ranks are connected each with each: short arrays then take one round in place of {@code
   * 2·(n − 1)}. Connections grow with n², and a rank opens its own one after the other; where that
   * outweighs the rounds is argued, not measured: {@code docs/scaling.md}.
   */
  static final int MOST_OF_A_MESH = 32;

  /** As their number asks for. */
  static Topology of(int rank, int worldSize) {
    return new Topology(rank, worldSize, worldSize <= MOST_OF_A_MESH);
  }

  boolean isPeer(int other) {
    int distance = Math.floorMod(other - rank, worldSize);
    return distance != 0 && (mesh || distance == 1 || distance == worldSize - 1);
  }

  /** The peers that this rank opens a connection to. */
  List<Integer> lower() {
    return IntStream.range(0, rank).filter(this::isPeer).boxed().toList();
  }

  /** The peers that open a connection to this rank. */
  List<Integer> higher() {
    return IntStream.range(rank + 1, worldSize).filter(this::isPeer).boxed().toList();
  }
}
