// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** One FLOAT64 product; all that {@link VectorSgemm} says holds here too. */
final class VectorDgemm {
  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_MAX;
  private static final int LANES = SPECIES.length();

  private static final int ROWS = 6;
  private static final int COLUMNS = 2 * LANES;

  /** A strip of B of this depth stays in the first-level cache, a block of A in the second's. */
  static final int DEPTH = 256;

  private static final int BLOCK = 16 * ROWS;

  private final GemmShape s;
  private final double[] a;
  private final int aOffset;
  private final double[] b;
  private final int bOffset;

  /** Whether C is stored as [n, m]. */
  private final boolean transposeC;

  private final double[] c;
  private final int cOffset;

  /** Panels of ROWS rows of A; in each, k by k, the rows' elements. */
  private final double[] panels;

  /** COLUMNS columns of B, k by k. */
  private final double[] strip;

  /** What the kernel has summed; of the last ones C has only a part. */
  private final double[] tile = new double[ROWS * COLUMNS];

  /**
   * The product as it stands or, where that leaves much less of the last tiles unused, the one of
   * the transposes.
   */
  static VectorDgemm of(
      GemmShape s, double[] a, int aOffset, double[] b, int bOffset, double[] c, int cOffset) {
    GemmShape swapped = s.swapped();
    return 3 * tileArea(swapped) < 2 * tileArea(s)
        ? new VectorDgemm(swapped, b, bOffset, a, aOffset, true, c, cOffset)
        : new VectorDgemm(s, a, aOffset, b, bOffset, false, c, cOffset);
  }

  private static long tileArea(GemmShape s) {
    long rows = (s.m() + ROWS - 1) / ROWS * ROWS;
    long columns = (s.n() + COLUMNS - 1) / COLUMNS * COLUMNS;
    return rows * columns;
  }

  private VectorDgemm(
      GemmShape s,
      double[] a,
      int aOffset,
      double[] b,
      int bOffset,
      boolean transposeC,
      double[] c,
      int cOffset) {
    this.s = s;
    this.a = a;
    this.aOffset = aOffset;
    this.b = b;
    this.bOffset = bOffset;
    this.transposeC = transposeC;
    this.c = c;
    this.cOffset = cOffset;
    int depth = Math.min(DEPTH, s.k());
    int rows = Math.min(BLOCK, (s.m() + ROWS - 1) / ROWS * ROWS);
    this.panels = new double[rows * depth];
    this.strip = new double[depth * COLUMNS];
  }

  void run(boolean accumulate) {
    if (s.k() == 0 && !accumulate) {
      Arrays.fill(c, cOffset, cOffset + s.m() * s.n(), 0);
    }
    for (int p = 0; p < s.k(); p += DEPTH) {
      int depth = Math.min(DEPTH, s.k() - p);
      boolean add = accumulate || p > 0;
      for (int i = 0; i < s.m(); i += BLOCK) {
        int rows = Math.min(BLOCK, s.m() - i);
        packA(i, rows, p, depth);
        for (int j = 0; j < s.n(); j += COLUMNS) {
          int columns = Math.min(COLUMNS, s.n() - j);
          packB(j, columns, p, depth);
          tiles(i, rows, j, columns, depth, add);
        }
      }
    }
  }

  private void packA(int i, int rows, int p, int depth) {
    for (int r = 0; r < rows; r++) {
      int to = r / ROWS * ROWS * depth + r % ROWS;
      int from = aOffset + (s.transposeA() ? p * s.m() + i + r : (i + r) * s.k() + p);
      int step = s.transposeA() ? s.m() : 1;
      for (int q = 0; q < depth; q++) {
        panels[to + q * ROWS] = a[from + q * step];
      }
    }
    for (int r = rows; r % ROWS != 0; r++) {
      int to = r / ROWS * ROWS * depth + r % ROWS;
      for (int q = 0; q < depth; q++) {
        panels[to + q * ROWS] = 0;
      }
    }
  }

  private void packB(int j, int columns, int p, int depth) {
    if (columns < COLUMNS) {
      Arrays.fill(strip, 0, depth * COLUMNS, 0);
    }
    if (s.transposeB()) {
      for (int r = 0; r < columns; r++) {
        int from = bOffset + (j + r) * s.k() + p;
        for (int q = 0; q < depth; q++) {
          strip[q * COLUMNS + r] = b[from + q];
        }
      }
    } else {
      for (int q = 0; q < depth; q++) {
        System.arraycopy(b, bOffset + (p + q) * s.n() + j, strip, q * COLUMNS, columns);
      }
    }
  }

  /** All tiles of a block's rows in the strip's columns. */
  private void tiles(int i, int rows, int j, int columns, int depth, boolean add) {
    for (int r = 0; r < rows; r += ROWS) {
      multiply(panels, r * depth, strip, depth, tile);
      for (int y = 0; y < Math.min(ROWS, rows - r); y++) {
        if (transposeC) {
          storeColumn(y * COLUMNS, columns, cOffset + j * s.m() + i + r + y, add);
        } else {
          storeRow(y * COLUMNS, columns, cOffset + (i + r + y) * s.n() + j, add);
        }
      }
    }
  }

  private void storeRow(int from, int columns, int to, boolean add) {
    if (add) {
      for (int x = 0; x < columns; x++) {
        c[to + x] += tile[from + x];
      }
    } else {
      System.arraycopy(tile, from, c, to, columns);
    }
  }

  private void storeColumn(int from, int columns, int to, boolean add) {
    for (int x = 0; x < columns; x++) {
      int at = to + x * s.m();
      c[at] = add ? c[at] + tile[from + x] : tile[from + x];
    }
  }

  /**
   * One tile. Not a call more than these: past its limit of nodes C2 would leave one out, and
   * allocate the vectors that are passed to it.
   */
  private static void multiply(
      double[] panels, int panel, double[] strip, int depth, double[] tile) {
    DoubleVector c00 = DoubleVector.zero(SPECIES);
    DoubleVector c01 = DoubleVector.zero(SPECIES);
    DoubleVector c10 = DoubleVector.zero(SPECIES);
    DoubleVector c11 = DoubleVector.zero(SPECIES);
    DoubleVector c20 = DoubleVector.zero(SPECIES);
    DoubleVector c21 = DoubleVector.zero(SPECIES);
    DoubleVector c30 = DoubleVector.zero(SPECIES);
    DoubleVector c31 = DoubleVector.zero(SPECIES);
    DoubleVector c40 = DoubleVector.zero(SPECIES);
    DoubleVector c41 = DoubleVector.zero(SPECIES);
    DoubleVector c50 = DoubleVector.zero(SPECIES);
    DoubleVector c51 = DoubleVector.zero(SPECIES);
    for (int q = 0; q < depth; q++) {
      DoubleVector b0 = DoubleVector.fromArray(SPECIES, strip, q * COLUMNS);
      DoubleVector b1 = DoubleVector.fromArray(SPECIES, strip, q * COLUMNS + LANES);
      DoubleVector a0 = DoubleVector.broadcast(SPECIES, panels[panel + q * ROWS]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      DoubleVector a1 = DoubleVector.broadcast(SPECIES, panels[panel + q * ROWS + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      DoubleVector a2 = DoubleVector.broadcast(SPECIES, panels[panel + q * ROWS + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      DoubleVector a3 = DoubleVector.broadcast(SPECIES, panels[panel + q * ROWS + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      DoubleVector a4 = DoubleVector.broadcast(SPECIES, panels[panel + q * ROWS + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      DoubleVector a5 = DoubleVector.broadcast(SPECIES, panels[panel + q * ROWS + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LANES);
    c10.intoArray(tile, 2 * LANES);
    c11.intoArray(tile, 3 * LANES);
    c20.intoArray(tile, 4 * LANES);
    c21.intoArray(tile, 5 * LANES);
    c30.intoArray(tile, 6 * LANES);
    c31.intoArray(tile, 7 * LANES);
    c40.intoArray(tile, 8 * LANES);
    c41.intoArray(tile, 9 * LANES);
    c50.intoArray(tile, 10 * LANES);
    c51.intoArray(tile, 11 * LANES);
  }
}
