// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/**
 * Which element of a matrix each lane holds: matrices of {@code mma} as the PTX ISA lays them out,
 * those of {@code wmma}, whose layout is unspecified, row by row.
 */
final class Fragments {
  private Fragments() {}

  /** The index of element {@code i} of {@code lane} in a matrix of rows. */
  @FunctionalInterface
  interface Layout {
    int index(int lane, int i);
  }

  /** A of {@code mma.m16n8kK}: 16 rows of {@code k}. */
  static Layout a(int k, boolean halves) {
    return (lane, i) -> {
      int group = lane >> 2;
      int inGroup = lane & 3;
      int row;
      int column;
      if (halves) {
        row = group + ((i & 2) != 0 ? 8 : 0);
        column = 2 * inGroup + (i & 1) + (i >= 4 ? 8 : 0);
      } else {
        row = group + ((i & 1) != 0 ? 8 : 0);
        column = inGroup + (i >= 2 ? 4 : 0);
      }
      return row * k + column;
    };
  }

  /** B of {@code mma.m16n8kK}: {@code k} rows of 8. */
  static Layout b(boolean halves) {
    return (lane, i) -> {
      int inGroup = lane & 3;
      int row = halves ? 2 * inGroup + (i & 1) + (i >= 2 ? 8 : 0) : inGroup + 4 * i;
      return row * 8 + (lane >> 2);
    };
  }

  /** C and D of {@code mma.m16n8kK}: 16 rows of 8. */
  static Layout c() {
    return (lane, i) -> ((lane >> 2) + (i >= 2 ? 8 : 0)) * 8 + 2 * (lane & 3) + (i & 1);
  }

  /** Any matrix of {@code wmma}; where lanes hold more than it has, they hold it twice. */
  static Layout rowMajor(int perLane, int elements) {
    return (lane, i) -> (lane * perLane + i) % elements;
  }
}
