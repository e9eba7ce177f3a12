// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static io.sparkgrad.gpu.cuda.SideBySide.buffer;
import static io.sparkgrad.gpu.cuda.SideBySide.random;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.MatmulPrecision;
import java.util.Arrays;

/** What a precision does to the operands of products, done by hand. */
final class Rounding {
  private Rounding() {}

  /**
   * Random operands of products: the java backend gets them rounded, so that another backend that
   * rounds them itself has to give the same results but for the order of sums.
   */
  static Buffer operand(
      Backend backend, DType dtype, MatmulPrecision precision, long seed, int length) {
    double[] values = random(seed, length);
    if (backend.deviceType() == DeviceType.CPU) {
      values = Arrays.stream(values).map(x -> round((float) x, precision)).toArray();
    }
    return buffer(backend, dtype, values);
  }

  /** To the nearest; of two, TF32 takes the larger and bf16 the even one. */
  static float round(float x, MatmulPrecision precision) {
    int bits = Float.floatToRawIntBits(x);
    return switch (precision) {
      case FP32 -> x;
      case TF32 -> Float.intBitsToFloat(bits + 0x1000 & ~0x1fff);
      case BF16 -> Float.intBitsToFloat(bits + 0x7fff + (bits >>> 16 & 1) & ~0xffff);
    };
  }
}
