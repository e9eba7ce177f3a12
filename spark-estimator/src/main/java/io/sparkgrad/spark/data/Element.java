// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

/** How the numbers of an input are kept until they become a tensor. */
public enum Element {
  /** 0 to 255, a byte each; the network gets them as float32, unscaled. */
  UINT8(1),
  FLOAT32(Float.BYTES),
  /** Indices, such as the tokens of a text. */
  INT64(Long.BYTES);

  private final int bytes;

  Element(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one. */
  public int bytes() {
    return bytes;
  }
}
