// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/** The type of a tensor's elements. */
public enum DType {
  FLOAT32(4),
  FLOAT64(8),
  INT64(8),
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether tensors of this type can require gradients. */
  public boolean isFloatingPoint() {
    return this == FLOAT32 || this == FLOAT64;
  }
}
