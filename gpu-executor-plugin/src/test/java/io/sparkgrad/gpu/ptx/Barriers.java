// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** The 16 barriers of a block. */
final class Barriers {
  /** What a thread gets out of {@code bar.red}: the number of its predicates, and of threads. */
  @FunctionalInterface
  interface Result {
    void set(int holding, int threads);
  }

  private record Arrival(Warp warp, int lanes, int pc, boolean aligned, Result result) {}

  private static final class Barrier {
    private final List<Arrival> arrivals = new ArrayList<>();
    private int expected;
    private int threads;
    private int holding;
  }

  private final Block block;
  private final Barrier[] barriers = new Barrier[16];
  private int liveThreads;

  Barriers(Block block) {
    this.block = block;
  }

  void start(int threads) {
    liveThreads = threads;
    for (int i = 0; i < barriers.length; i++) {
      barriers[i] = new Barrier();
    }
  }

  int liveThreads() {
    return liveThreads;
  }

  /**
   * Lets {@code lanes} wait at barrier {@code id}.
   *
   * @param expected threads that complete the barrier, 0 for all of the block
   * @param holding how many of the lanes bring a predicate that holds
   */
  void arrive(
      Warp warp, int lanes, int id, int expected, boolean aligned, int holding, Result result) {
    Barrier barrier = barriers[id];
    int pc = warp.pc - 1;
    warp.block(lanes);
    barrier.arrivals.add(new Arrival(warp, lanes, pc, aligned, result));
    count(barrier, lanes, expected, holding);
  }

  /** Counts {@code lanes} at barrier {@code id} without letting them wait. */
  void pass(int lanes, int id, int expected) {
    count(barriers[id], lanes, expected, 0);
  }

  private void count(Barrier barrier, int lanes, int expected, int holding) {
    barrier.expected = expected;
    // With a count, warps count whole.
    barrier.threads += expected == 0 ? Integer.bitCount(lanes) : 32;
    barrier.holding += holding;
    releaseIfComplete(barrier);
  }

  void exited(int threads) {
    liveThreads -= threads;
    for (Barrier barrier : barriers) {
      if (barrier.threads > 0) {
        releaseIfComplete(barrier);
      }
    }
  }

  private void releaseIfComplete(Barrier barrier) {
    int needed = barrier.expected == 0 ? liveThreads : barrier.expected;
    if (barrier.threads < needed) {
      return;
    }
    checkAligned(barrier);
    List<Arrival> released = List.copyOf(barrier.arrivals);
    int holding = barrier.holding;
    int threads = barrier.threads;
    barrier.arrivals.clear();
    barrier.threads = 0;
    barrier.holding = 0;
    if (block.races != null) {
      block.races.barrier();
    }
    for (Arrival arrival : released) {
      arrival.result.set(holding, threads);
      arrival.warp.unblock(arrival.lanes);
    }
  }

  /** An aligned barrier wants all lanes of a warp that still live at the one instruction. */
  private void checkAligned(Barrier barrier) {
    for (Arrival one : barrier.arrivals) {
      int together = 0;
      for (Arrival other : barrier.arrivals) {
        if (other.warp == one.warp && other.pc == one.pc) {
          together |= other.lanes;
        }
      }
      if (one.aligned && (one.warp.live & ~together) != 0) {
        throw block.fault(
            DeviceFault.Kind.SYNCCHECK,
            one.warp,
            Integer.numberOfTrailingZeros(one.lanes),
            one.pc,
            "lanes 0x%x of the warp are at this barrier, lanes 0x%x elsewhere"
                .formatted(together, one.warp.live & ~together));
      }
    }
  }

  /** No thread can go on: says where they wait. */
  DeviceFault deadlock() {
    StringJoiner where = new StringJoiner(", ");
    int first = -1;
    for (Map.Entry<Integer, Integer> group : block.waitingByPc().entrySet()) {
      int line = block.kernel.code()[group.getKey()].line();
      where.add(group.getValue() + " at PTX line " + line);
      first = first < 0 ? group.getKey() : first;
    }
    for (Warp warp : block.warps) {
      if (warp.live != 0) {
        return block.fault(
            DeviceFault.Kind.SYNCCHECK,
            warp,
            Integer.numberOfTrailingZeros(warp.live),
            first,
            "threads wait for others that never come: " + where);
      }
    }
    throw new IllegalStateException("no thread lives");
  }
}
