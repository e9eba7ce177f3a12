// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.java.HeapBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How large numbers can be. oneDNN's relu and max pooling lose NaN; they may stand in for ours
 * where it is certain that there is none: where everything that went into the result has a bound,
 * and the result's own, by the arithmetic behind it, is far from overflow. Bounds go from kernel to
 * kernel with the numbers, so that mostly nothing but a network's input and weights is ever read
 * for it.
 */
final class Magnitude {
  /** Far enough from overflow for sums in any order. */
  private static final double SAFE = 1e36;

  private static final int BLOCK = 4096;

  /** Of a FLOAT32's bits; as an integer it grows with the magnitude, NaN being largest. */
  private static final int WITHOUT_SIGN = 0x7fff_ffff;

  private static final ThreadLocal<int[][]> BLOCKS =
      ThreadLocal.withInitial(() -> new int[2][BLOCK]);

  private Magnitude() {}

  /** Whether {@code bound}, NaN if there is none, keeps NaN and infinity out. */
  static boolean isSafe(double bound) {
    return bound < SAFE;
  }

  /**
   * What no number of a buffer exceeds.
   *
   * @param budget how many numbers may be read to find out
   * @return NaN if it is not known
   */
  static float of(@Nullable Buffer buffer, long budget) {
    if (buffer == null) {
      return 0;
    }
    if (buffer instanceof NativeBuffer numbers) {
      return numbers.bound(budget);
    }
    float largest = 0;
    for (float value : HeapBuffer.floats(buffer)) {
      largest = Math.max(largest, Math.abs(value)); // NaN stays
    }
    return largest;
  }

  /** Says what no number of a result exceeds. */
  static void note(Buffer result, double bound) {
    if (result instanceof NativeBuffer numbers) {
      numbers.setBound(bound);
    }
  }

  /**
   * What no sum of this many products, with a bias, exceeds.
   *
   * @param budget how many numbers may be read to find out
   * @return NaN if it is not known
   */
  static double ofProduct(
      Buffer x, Buffer weight, long summands, @Nullable Buffer bias, long budget) {
    double factor = (double) of(weight, budget) * summands;
    double summand = of(bias, budget);
    double bound = of(x, budget) * factor + summand;
    if (!isSafe(bound) && isSafe(factor + summand) && x instanceof NativeBuffer numbers) {
      // A bound that came through many layers may be far above the truth.
      return numbers.length() <= budget ? numbers.measureBound() * factor + summand : bound;
    }
    return bound;
  }

  /** The largest magnitude, infinite if there is NaN. */
  static float largest(long address, long count) {
    int[] largest = BLOCKS.get()[0];
    int[] block = BLOCKS.get()[1];
    Arrays.fill(largest, 0);
    for (long done = 0; done < count; done += BLOCK) {
      int n = (int) Math.min(BLOCK, count - done);
      RawMemory.read(address + 4 * done, block, n);
      for (int i = 0; i < n; i++) {
        largest[i] = Math.max(largest[i], block[i] & WITHOUT_SIGN);
      }
    }
    int all = 0;
    for (int value : largest) {
      all = Math.max(all, value);
    }
    float result = Float.intBitsToFloat(all);
    return Float.isNaN(result) ? Float.POSITIVE_INFINITY : result;
  }
}
