// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

/** How floats travel. */
public enum FloatFormat {
  FLOAT32(Float.BYTES),

  /** In half the bytes, with 8 significant bits: {@code torch.bfloat16}. */
  BFLOAT16(Short.BYTES);

  private final int bytes;

  FloatFormat(int bytes) {
    this.bytes = bytes;
  }

  /** Of one number. */
  int bytes() {
    return bytes;
  }
}
