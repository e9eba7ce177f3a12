// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Arrays;

/**
 * Finds bytes of shared memory that threads of two warps use, one of them writing, with no barrier
 * between; atomic accesses do not race with each other. What each byte saw is kept with the number
 * of barriers passed by then; older entries do not count. Threads of one warp are not compared:
 * what orders them is a matter of {@code bar.warp.sync}.
 */
final class RaceDetector {
  private static final int ATOMIC = 0x8000;

  /** In place of a thread: several, in more than one warp. */
  private static final int SEVERAL = 0x7fff;

  /** Of the last write and the last read of each byte: epoch, whether atomic, and thread. */
  private final int[] writer;

  private final int[] reader;
  private int epoch;

  RaceDetector(int bytes) {
    writer = new int[bytes];
    reader = new int[bytes];
  }

  void start() {
    Arrays.fill(writer, 0);
    Arrays.fill(reader, 0);
    epoch = 1;
  }

  void barrier() {
    epoch++;
    if (epoch > 0xffff) {
      start();
    }
  }

  void access(Warp warp, int lane, int at, int width, Access.Use use) {
    int thread = warp.thread(lane);
    int mark = epoch << 16 | thread;
    for (int i = at; i < at + width; i++) {
      boolean written = clashes(writer[i], thread);
      boolean atomics = use == Access.Use.ATOMIC && (writer[i] & ATOMIC) != 0;
      if (written && !atomics) {
        throw race(warp, lane, i, use, "wrote", writer[i]);
      }
      if (use == Access.Use.READ) {
        reader[i] = clashes(reader[i], thread) ? epoch << 16 | SEVERAL : mark;
        continue;
      }
      if (clashes(reader[i], thread)) {
        throw race(warp, lane, i, use, "read", reader[i]);
      }
      writer[i] =
          use == Access.Use.WRITE ? mark : (written ? epoch << 16 | SEVERAL : mark) | ATOMIC;
    }
  }

  /** Whether {@code mark} is of this epoch and of a warp other than that of {@code thread}. */
  private boolean clashes(int mark, int thread) {
    return mark >>> 16 == epoch && (mark & SEVERAL) >>> 5 != thread >>> 5;
  }

  private static DeviceFault race(
      Warp warp, int lane, int at, Access.Use use, String did, int mark) {
    int other = mark & SEVERAL;
    String who =
        other == SEVERAL ? "threads of several warps" : "thread " + warp.block.thread(other);
    return warp.fault(
        DeviceFault.Kind.RACECHECK,
        lane,
        "%s of byte %d of shared memory, which %s %s with no barrier between"
            .formatted(use, at, who, did));
  }
}
