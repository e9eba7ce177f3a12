// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.CpuThreads;

/**
 * A range in equal slices, the last one perhaps shorter. How many depends on the range, its work
 * and the number of threads, and on nothing that differs from run to run.
 *
 * @param size of all slices but the last
 */
record Slices(long total, long size) {
  /** As many for each thread: one whose core is busy elsewhere then leaves more to the others. */
  private static final int PER_THREAD = 2;

  /**
   * What a slice has to hold at least, for its thread to be worth it.
   *
   * @param elements that are read or written, of all operands
   * @param multiplications of a product
   * @param uses of each weight, which all slices read: with fewer, memory keeps them all waiting
   * @param summands of each number of a partial result, which is added to others afterwards
   */
  record Least(long elements, long multiplications, long uses, long summands) {
    /** About 10 µs of work each, found by trying on two cores. */
    static final Least DEFAULT = new Least(1 << 17, 1 << 20, 32, 256);
  }

  /** At most {@code count}, each a multiple of {@code grain} long but the last. */
  static Slices of(long total, long count, long grain) {
    long most = Math.max(1, Math.min(count, total));
    long size = (total + most - 1) / most;
    return new Slices(total, Math.max(1, (size + grain - 1) / grain * grain));
  }

  /**
   * How many are worth while for the calling thread.
   *
   * @param least work that makes up for handing it to another thread, in the unit of {@code work}
   */
  static long worthwhile(long work, long least) {
    int threads = CpuThreads.getNumThreads();
    return threads == 1 ? 1 : Math.min((long) threads * PER_THREAD, work / Math.max(1, least));
  }

  int count() {
    return (int) Math.max(1, (total + size - 1) / size);
  }

  long start(int slice) {
    return slice * size;
  }

  long length(int slice) {
    return Math.min(size, total - start(slice));
  }
}
