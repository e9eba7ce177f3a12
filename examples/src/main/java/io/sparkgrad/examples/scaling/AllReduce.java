// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.scaling;

import java.util.Locale;

/**
 * Ways to sum a vector over all ranks so that each has the sum, and what they cost (Thakur,
 * Rabenseifner and Gropp, "Optimization of Collective Communication Operations in MPICH", 2005).
 */
enum AllReduce {
  /**
   * Segments go round twice: fewest bytes, most rounds. As training does it: a short vector goes to
   * each other rank in one round.
   */
  RING {
    @Override
    double seconds(double bytes, int ranks, Link link) {
      return bytes <= SHORT ? exchange(bytes, ranks, link) : ring(bytes, ranks, link);
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
      int groups = ranks / group;
      return bytes <= SHORT
          ? exchange(bytes, group, link) + exchange(bytes, groups, link)
          : ring(bytes, group, link) + ring(bytes / group, groups, link);
    }
  };

  /** In bytes, as in {@code RingCommunicator}. */
  private static final double SHORT = 64 << 10;

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

  private static double ring(double bytes, int ranks, Link link) {
    double share = (ranks - 1.0) / ranks * bytes;
    return 2 * (ranks - 1) * link.latency() + link.transfer(2 * share) + link.addition(share);
  }

  /** Each sends all to each. */
  private static double exchange(double bytes, int ranks, Link link) {
    double each = link.overhead() + link.transfer(bytes) + link.addition(bytes);
    return link.latency() + (ranks - 1) * each;
  }

  private static int log2(int ranks) {
    return Integer.numberOfTrailingZeros(ranks);
  }
}
