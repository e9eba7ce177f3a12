// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Arrays;

/**
 * 32 threads and their registers. Every lane has a program counter of its own; the lanes with the
 * smallest run together until they branch apart, wait, or catch up with others, so paths that part
 * meet again at the first instruction that they share.
 */
final class Warp {
  /** Instructions of one warp after which a block counts as endless. */
  private static final long PATIENCE = 1L << 30;

  final Block block;
  final int index;
  final float[][] f;
  final int[][] r;
  final long[][] l;
  final double[][] d;

  /** Predicates: a bit for each lane. */
  final int[] p;

  final byte[] local;

  /** The allocation that an access met last, by access. */
  final Allocation[] sites;

  /** The places of the lanes that access memory, and where {@link Access#resolve} says so, */
  final int[] at = new int[32];

  /** the memory that each is in. */
  final byte[][] in = new byte[32][];

  final AsyncCopies copies;

  /** The carry flag of {@code add.cc} and its like. */
  int carry;

  /** Lanes that have not exited. */
  int live;

  /** Lanes that run now. */
  int active;

  /** Lanes that wait for others. */
  int blocked;

  /** The next instruction of the active lanes. */
  int pc;

  private final int[] lanePc = new int[32];
  private int limit;
  private long executed;

  Warp(Block block, int index, Kernel kernel) {
    this.block = block;
    this.index = index;
    Registers registers = kernel.registers();
    f = new float[registers.count(Type.Storage.FLOAT)][32];
    r = new int[registers.count(Type.Storage.INT)][32];
    l = new long[registers.count(Type.Storage.LONG)][32];
    d = new double[registers.count(Type.Storage.DOUBLE)][32];
    p = new int[registers.count(Type.Storage.PREDICATE)];
    local = new byte[32 * kernel.localBytes()];
    sites = new Allocation[kernel.sites()];
    Arrays.fill(sites, Allocation.NONE);
    copies = new AsyncCopies();
  }

  /** Puts all of {@code lanes} before the first instruction. */
  void start(int lanes) {
    live = lanes;
    active = 0;
    blocked = 0;
    executed = 0;
    copies.clear();
    Arrays.fill(lanePc, 0);
  }

  boolean runnable() {
    return (live & ~blocked) != 0;
  }

  /** Runs until no lane can go on by itself. */
  void run() {
    Instruction[] code = block.kernel.code();
    limit = -1;
    active = 0;
    while (true) {
      if (pc >= limit && !regroup()) {
        return;
      }
      Instruction instruction = code[pc++];
      int lanes = active;
      int guard = instruction.guard();
      if (guard >= 0) {
        lanes &= instruction.inverted() ? ~p[guard] : p[guard];
      }
      if (lanes != 0) {
        instruction.body().run(this, lanes);
      }
      if (++executed > PATIENCE) {
        throw fault(
            DeviceFault.Kind.TRAP,
            Integer.numberOfTrailingZeros(live),
            "the warp is still not done after " + PATIENCE + " instructions");
      }
    }
  }

  /** Sets aside the active lanes and goes on with those that are furthest behind. */
  private boolean regroup() {
    setPc(active, pc);
    int runnable = live & ~blocked;
    int first = Integer.MAX_VALUE;
    for (int m = runnable; m != 0; m &= m - 1) {
      first = Math.min(first, lanePc[Integer.numberOfTrailingZeros(m)]);
    }
    active = 0;
    limit = Integer.MAX_VALUE;
    for (int m = runnable; m != 0; m &= m - 1) {
      int at = lanePc[Integer.numberOfTrailingZeros(m)];
      if (at == first) {
        active |= Integer.lowestOneBit(m);
      } else {
        limit = Math.min(limit, at);
      }
    }
    pc = first;
    return active != 0;
  }

  private void setPc(int lanes, int to) {
    for (int m = lanes; m != 0; m &= m - 1) {
      lanePc[Integer.numberOfTrailingZeros(m)] = to;
    }
  }

  /** Sends {@code lanes} to {@code target}. */
  void branch(int lanes, int target) {
    if (lanes == active) {
      pc = target;
      return;
    }
    setPc(lanes, target);
    setPc(active & ~lanes, pc);
    active = 0;
    limit = -1;
  }

  /** Sends each of {@code lanes} to the target that {@code choice} names. */
  void branchIndexed(int lanes, int[] choice, int[] targets) {
    setPc(active & ~lanes, pc);
    for (int m = lanes; m != 0; m &= m - 1) {
      int lane = Integer.numberOfTrailingZeros(m);
      if (Integer.compareUnsigned(choice[lane], targets.length) >= 0) {
        throw fault(
            DeviceFault.Kind.MEMCHECK,
            lane,
            "branches to target %d of %d".formatted(choice[lane], targets.length));
      }
      lanePc[lane] = targets[choice[lane]];
    }
    active = 0;
    limit = -1;
  }

  /** The bits of {@code chosen} in {@code lanes}, of {@code other} elsewhere. */
  static int select(int lanes, int chosen, int other) {
    return (chosen & lanes) | (other & ~lanes);
  }

  /** Ends {@code lanes}. */
  void exit(int lanes) {
    live &= ~lanes;
    active &= ~lanes;
    if (active == 0) {
      limit = -1;
    }
    block.barriers.exited(Integer.bitCount(lanes));
  }

  /** Lets {@code lanes} wait at the instruction that runs. */
  void block(int lanes) {
    setPc(lanes, pc - 1);
    blocked |= lanes;
    active &= ~lanes;
    if (active == 0) {
      limit = -1;
    }
  }

  /** Lets lanes that {@link #block} stopped go on behind their instruction. */
  void unblock(int lanes) {
    blocked &= ~lanes;
    for (int m = lanes; m != 0; m &= m - 1) {
      lanePc[Integer.numberOfTrailingZeros(m)]++;
    }
    // They may be behind the lanes that run now.
    setPc(active, pc);
    active = 0;
    limit = -1;
  }

  /** The lanes that wait to execute the instruction at {@code at}. */
  int blockedAt(int at) {
    int lanes = 0;
    for (int m = blocked & live; m != 0; m &= m - 1) {
      if (lanePc[Integer.numberOfTrailingZeros(m)] == at) {
        lanes |= Integer.lowestOneBit(m);
      }
    }
    return lanes;
  }

  /** The instruction that a blocked lane waits at. */
  int waitsAt(int lane) {
    return lanePc[lane];
  }

  /**
   * Gathers the lanes of {@code members} at a {@code .sync} instruction.
   *
   * @return whether all are here, and active; if not, those that are wait
   */
  boolean gather(int lanes, int members) {
    int here = pc - 1;
    int needed = members & live;
    int arrived = lanes | blockedAt(here);
    if ((needed & ~arrived) != 0) {
      block(lanes);
      return false;
    }
    int joining = needed & ~active;
    blocked &= ~joining;
    active |= joining;
    return true;
  }

  /** As {@link #gather} of all 32 lanes, none of which may have exited. */
  boolean gatherAll(int lanes) {
    if (live != -1) {
      throw fault(
          DeviceFault.Kind.SYNCCHECK,
          Integer.numberOfTrailingZeros(lanes),
          "needs all lanes of the warp, but 0x%x alone live".formatted(live));
    }
    return gather(lanes, -1);
  }

  /** A clock that goes on by one with each instruction of this warp. */
  long clock() {
    return executed;
  }

  /** The linear index in the block of the thread in {@code lane}. */
  int thread(int lane) {
    return 32 * index + lane;
  }

  DeviceFault fault(DeviceFault.Kind kind, int lane, String what) {
    return block.fault(kind, this, lane, pc - 1, what);
  }
}
