// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** Extents of a grid or block, or a place in one. */
public record Dim3(int x, int y, int z) {
  /** The number of places. */
  long count() {
    return (long) x * y * z;
  }

  /** The place with this number, x running fastest. */
  Dim3 at(long number) {
    return new Dim3((int) (number % x), (int) (number / x % y), (int) (number / ((long) x * y)));
  }

  @Override
  public String toString() {
    return "(" + x + "," + y + "," + z + ")";
  }
}
