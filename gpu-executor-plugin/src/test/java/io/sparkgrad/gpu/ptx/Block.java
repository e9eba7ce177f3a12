// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The block that runs: the same object runs all blocks of a launch, one after the other. */
final class Block {
  final Kernel kernel;
  final Launch launch;
  final Warp[] warps;
  final byte[] shared;
  final Barriers barriers;

  /** Absent unless races are looked for. */
  final @Nullable RaceDetector races;

  private final int threads;
  private Dim3 index = new Dim3(0, 0, 0);

  Block(Kernel kernel, Launch launch) {
    this.kernel = kernel;
    this.launch = launch;
    threads = (int) Grid.count(launch.block());
    shared = new byte[kernel.staticSharedBytes() + launch.sharedBytes()];
    barriers = new Barriers(this);
    races =
        launch.memory().checks(DeviceMemory.Check.RACECHECK)
            ? new RaceDetector(shared.length)
            : null;
    warps = new Warp[(threads + 31) / 32];
    for (int i = 0; i < warps.length; i++) {
      warps[i] = new Warp(this, i, kernel);
      constants(warps[i]);
      SpecialRegisters.fill(warps[i]);
    }
  }

  private void constants(Warp warp) {
    for (Registers.Constant constant : kernel.registers().constants()) {
      long bits = constant.bits().applyAsLong(launch);
      int at = constant.index();
      switch (constant.storage()) {
        case PREDICATE -> warp.p[at] = bits == 0 ? 0 : -1;
        case INT -> Arrays.fill(warp.r[at], (int) bits);
        case LONG -> Arrays.fill(warp.l[at], bits);
        case FLOAT -> Arrays.fill(warp.f[at], Float.intBitsToFloat((int) bits));
        case DOUBLE -> Arrays.fill(warp.d[at], Double.longBitsToDouble(bits));
      }
    }
  }

  /** Runs the block at {@code place} of the grid to its end. */
  void run(Dim3 place) {
    index = place;
    // Shared memory starts with what earlier blocks left: let that be NaN.
    Arrays.fill(shared, (byte) 0xff);
    barriers.start(threads);
    if (races != null) {
      races.start();
    }
    for (Warp warp : warps) {
      int lanes = Math.min(32, threads - 32 * warp.index);
      warp.start(lanes == 32 ? -1 : (1 << lanes) - 1);
      SpecialRegisters.place(warp, place);
    }
    while (barriers.liveThreads() > 0) {
      boolean progress = false;
      for (Warp warp : warps) {
        if (warp.runnable()) {
          warp.run();
          progress = true;
        }
      }
      if (!progress) {
        throw barriers.deadlock();
      }
    }
  }

  /** The place of a thread in the block. */
  String thread(int number) {
    return Grid.text(Grid.place(launch.block(), number));
  }

  DeviceFault fault(DeviceFault.Kind kind, Warp warp, int lane, int pc, String what) {
    int line = kernel.code()[pc].line();
    return new DeviceFault(
        kind,
        "%s: %s: %s; thread %s of block %s, PTX line %d: %s"
            .formatted(
                kernel.name(),
                kind.name().toLowerCase(Locale.ROOT),
                what,
                thread(warp.thread(lane)),
                Grid.text(index),
                line,
                kernel.source().get(line - 1).strip()));
  }

  /** The threads that still run by where they are: for the report of a deadlock. */
  Map<Integer, Integer> waitingByPc() {
    Map<Integer, Integer> count = new TreeMap<>();
    for (Warp warp : warps) {
      for (int m = warp.live; m != 0; m &= m - 1) {
        count.merge(warp.waitsAt(Integer.numberOfTrailingZeros(m)), 1, Integer::sum);
      }
    }
    return count;
  }
}
