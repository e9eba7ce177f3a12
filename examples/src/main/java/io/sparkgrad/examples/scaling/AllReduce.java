// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.scaling;

import java.util.Locale;

/**
 * Ways to sum a vector over all ranks so that each has the sum, and what they cost (Thakur,
 * Rabenseifner and Gropp, "Optimization of Collective Communication Operations in MPICH", 2005).
 */
enum AllReduce {
  /** Segments go round twice: fewest bytes, most rounds. */
  RING {
    @Override
    double seconds(double bytes, int ranks, Link link) {
      double share = (ranks - 1.0) / ranks * bytes;
      return 2 * (ranks - 1) * link.latency() + link.transfer(2 * share) + link.addition(share);
    }
  },

  /** A tree: in each round the whole vector is exchanged with a partner. */
  RECURSIVE_DOUBLING {
    @Override
    double seconds(double bytes, int ranks, Link link) {
      return log2(ranks) * (link.latency() + link.transfer(bytes) + link.addition(bytes));
    }
  },

  /**
   * The same tree with halves, quarters, … on the way there, and back: as few bytes as the ring.
   */
  HALVING_DOUBLING {
    @Override
    double seconds(double bytes, int ranks, Link link) {
      double share = (ranks - 1.0) / ranks * bytes;
      return 2 * log2(ranks) * link.latency() + link.transfer(2 * share) + link.addition(share);
    }
  },

  /**
   * Rings in groups of about √n ranks, which sum a segment each, then rings across the groups, each
   * on one segment: as few bytes as the ring.
   */
  HIERARCHICAL {
    @Override
    double seconds(double bytes, int ranks, Link link) {
      int group = 1 << (log2(ranks) / 2);
      return RING.seconds(bytes, group, link) + RING.seconds(bytes / group, ranks / group, link);
    }
  };

  /**
   * What one costs.
   *
   * @param ranks a power of two
   * @return seconds
   */
  abstract double seconds(double bytes, int ranks, Link link);

  /** As it is written. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static int log2(int ranks) {
    return Integer.numberOfTrailingZeros(ranks);
  }
}
