// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;

/**
 * How a product {@code [m, k]·[k, n]} is dealt out to blocks: tiles of the result, each made by
 * {@code splits} blocks with {@code kPerSplit} of k. Depends on sizes and the GPU's model alone, so
 * that sums are added in the same order every time.
 */
record Tiling(int rows, int columns, int tiles, int splits, int kPerSplit) {
  private static final int SMALL = 64;

  /** Blocks of a kernel that fit on a multiprocessor at once: 128 registers for each thread. */
  private static final int RESIDENT = 2;

  /** A share of k shorter than this costs more in its sums than it saves. */
  private static final int SHORTEST = 256;

  /**
   * The large tile reads less per product, but not where it leaves multiprocessors idle or hangs
   * over the edge by half; k is split where there would be too few blocks.
   *
   * @param batch products of this size
   */
  static Tiling of(Arithmetic arithmetic, int multiprocessors, int batch, int m, int n, int k) {
    int rows = arithmetic.rows;
    int columns = arithmetic.columns;
    boolean overhangs = (rows > SMALL && m <= SMALL) || (columns > SMALL && n <= SMALL);
    if (overhangs || tiles(m, rows, n, columns) * batch < multiprocessors) {
      rows = SMALL;
      columns = SMALL;
    }
    long tiles = tiles(m, rows, n, columns);
    long room = Math.max(1, (long) RESIDENT * multiprocessors / Math.max(1, tiles * batch));
    int splits = (int) Math.min(room, ceiling(Math.max(1, k), SHORTEST));
    int kPerSplit = ceiling(ceiling(Math.max(1, k), splits), arithmetic.step) * arithmetic.step;
    return new Tiling(
        rows, columns, Math.toIntExact(tiles), ceiling(Math.max(1, k), kPerSplit), kPerSplit);
  }

  private static long tiles(int m, int rows, int n, int columns) {
    return (long) ceiling(m, rows) * ceiling(n, columns);
  }

  static int ceiling(int a, int b) {
    return (int) (((long) a + b - 1) / b);
  }

  /** As kernels are named: {@code 64x128}. */
  String name() {
    return rows + "x" + columns;
  }

  /** With one product behind the other. */
  Dim3 grid(int batch) {
    return Dim3.of(Math.multiplyExact(tiles, batch), splits);
  }

  /** With the groups in the third dimension. */
  Dim3 gridOfGroups(int groups) {
    return new Dim3(tiles, splits, groups);
  }
}
