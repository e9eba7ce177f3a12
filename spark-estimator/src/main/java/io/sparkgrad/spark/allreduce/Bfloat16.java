// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

/** The upper half of a float32: its sign and exponent, and 7 of its 23 bits of fraction. */
final class Bfloat16 {
  private static final int QUIET = 0x40;

  private Bfloat16() {}

  /**
   * The nearest, of two equally near the even one; relative error at most 2⁻⁸ but for subnormal
   * numbers. What is beyond the greatest becomes infinite, NaN stays NaN.
   */
  static short round(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | QUIET); // rounding could carry into the sign
    }
    int odd = (bits >>> 16) & 1;
    return (short) ((bits + 0x7fff + odd) >>> 16);
  }

  /** The same number; exact. */
  static float widen(short value) {
    return Float.intBitsToFloat(value << 16);
  }
}
