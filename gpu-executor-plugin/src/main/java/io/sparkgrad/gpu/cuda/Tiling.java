// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;

/**
 * How a product {@code [m, k]·[k, n]} is dealt out to blocks: tiles of the result, each made by
 * {@code splits} blocks with {@code kPerSplit} of k. Depends on sizes and the GPU's model alone, so
 * that sums are added in the same order every time.
 *
 * <p>Of the tilings that fill a whole number of blocks on each multiprocessor, it is the one that
 * an estimate finds fastest: a multiprocessor is busy as long as the most loaded one, it needs two
 * blocks to hide what each waits for, and splitting k costs a pass over the sums. The estimate
 * counts multiply-adds; its constants are from the kernels' instructions and the ratio of
 * arithmetic to memory bandwidth of GPUs from a T4 to an H100, not from measurements.
 */
record Tiling(int rows, int columns, int tiles, int splits, int kPerSplit) {
  private static final int SMALL = 64;
  private static final int FEW = 32;

  /** How much longer a product takes in a tile of {@link #FEW} rows than in the large one. */
  private static final double FEW_ROWS = 1.7;

  /** Blocks of a multiprocessor beyond which one more hardly evens out the load. */
  private static final int MOST_LOAD = 8;

  /** The least of k that is worth a block. */
  private static final int SHORTEST = 64;

  /** A multiple of what any tile takes along k. */
  private static final int STEP = 32;

  /** What a block takes to begin and to write its tile, in steps of k by one. */
  private static final int START = 32;

  /** What a kernel more takes, in sums that a multiprocessor adds meanwhile. */
  private static final int LAUNCH = 8192;

  /**
   * The fastest in the large tile or in that of 64 rows and columns, as far as one can tell.
   *
   * @param batch products of this size
   */
  static Tiling of(Arithmetic arithmetic, int multiprocessors, int batch, int m, int n, int k) {
    Product product = new Product(arithmetic, multiprocessors, batch, m, n, Math.max(1, k));
    return product.faster(
        product.fastest(arithmetic.rows, arithmetic.columns), product.fastest(SMALL, SMALL));
  }

  /** As {@link #of}, for kernels that also have a tile of 32 rows for FP32. */
  static Tiling ofFewRowsToo(
      Arithmetic arithmetic, int multiprocessors, int batch, int m, int n, int k) {
    Tiling others = of(arithmetic, multiprocessors, batch, m, n, k);
    if (arithmetic != Arithmetic.FP32) {
      return others;
    }
    Product product = new Product(arithmetic, multiprocessors, batch, m, n, Math.max(1, k));
    return product.faster(others, product.fastest(FEW, SMALL));
  }

  /** What is to be dealt out. */
  private record Product(
      Arithmetic arithmetic, int multiprocessors, int batch, int m, int n, int k) {
    Tiling faster(Tiling one, Tiling other) {
      return cost(other) < cost(one) ? other : one;
    }

    /** In tiles of this size. */
    Tiling fastest(int rows, int columns) {
      int tiles = Math.toIntExact((long) ceiling(m, rows) * ceiling(n, columns));
      long blocks = Math.max(1, (long) tiles * batch);
      long load = (blocks + multiprocessors - 1) / multiprocessors;
      Tiling best = split(rows, columns, tiles, 1);
      for (; load <= MOST_LOAD; load++) {
        Tiling next = split(rows, columns, tiles, load * multiprocessors / blocks);
        best = faster(best, next);
      }
      return best;
    }

    private Tiling split(int rows, int columns, int tiles, long most) {
      int splits = (int) Math.min(most, ceiling(k, SHORTEST));
      int kPerSplit = ceiling(ceiling(k, splits), STEP) * STEP;
      return new Tiling(rows, columns, tiles, ceiling(k, kPerSplit), kPerSplit);
    }

    /** Multiply-adds that take a multiprocessor as long, in large tiles. */
    double cost(Tiling tiling) {
      double area = tiling.rows * tiling.columns;
      double blocks = (double) tiling.tiles * batch * tiling.splits;
      double load = Math.ceil(blocks / multiprocessors);
      // Of an odd number the last is alone, and takes three quarters of the time of two.
      double pairs = load % 2 == 0 ? load : load + 0.5;
      double products = pairs * area * (tiling.kPerSplit + START);
      if (tiling.rows == FEW) {
        products *= FEW_ROWS;
      } else if (area < arithmetic.rows * arithmetic.columns) {
        products *= arithmetic.smallTile;
      }
      double sums = tiling.splits == 1 ? 0 : LAUNCH + blocks * area / multiprocessors;
      return products + arithmetic.sum * sums;
    }
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
