// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

/**
 * Summands of one result that slices write independently: the first in the result's own place, the
 * others in memory for the time of a kernel call. They are added in the order of the slices.
 */
final class Partials {
  private static final int BLOCK = 4096;
  private static final ThreadLocal<float[][]> BLOCKS =
      ThreadLocal.withInitial(() -> new float[2][BLOCK]);

  private final long result;
  private final long floats;
  private final long step;
  private final int count;
  private final long others;

  Partials(Operands operands, long result, long bytes, int count) {
    this.result = result;
    this.floats = bytes / 4;
    this.step = (bytes + 63) / 64 * 64; // each aligned
    this.count = count;
    this.others = count == 1 ? 0 : operands.scratch((count - 1) * step);
  }

  long address(int slice) {
    return slice == 0 ? result : others + (slice - 1) * step;
  }

  void addUp(Slices.Least least) {
    if (count == 1) {
      return;
    }
    Slices ranges = Slices.of(floats, Slices.worthwhile(floats * count, least.elements()), BLOCK);
    Workers.run(ranges.count(), i -> addUp(ranges.start(i), ranges.start(i) + ranges.length(i)));
  }

  private void addUp(long start, long end) {
    float[] sum = BLOCKS.get()[0];
    float[] summand = BLOCKS.get()[1];
    for (long at = start; at < end; at += BLOCK) {
      int n = (int) Math.min(BLOCK, end - at);
      RawMemory.read(result + 4 * at, sum, 0, n);
      for (int slice = 1; slice < count; slice++) {
        RawMemory.read(address(slice) + 4 * at, summand, 0, n);
        for (int j = 0; j < n; j++) {
          sum[j] += summand[j];
        }
      }
      RawMemory.write(sum, 0, result + 4 * at, n);
    }
  }
}
