// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.ReduceKernel;
import java.util.Arrays;

/**
 * Sums and maxima over axes, block by block in arrays that stay in the cache. Several threads share
 * the results, each of which one of them computes, always in the same order.
 */
final class Reductions {
  private static final int BLOCK = 2048;

  /** Results next to each other in a slice, at least: a cache line would be enough. */
  private static final int GRAIN = 64;

  /** So many numbers are added in single precision before they go to a sum in double precision. */
  private static final int RUN = 32;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Slices.Least least;

  Reductions(Slices.Least least) {
    this.least = least;
  }

  private static final class Scratch {
    final float[] block = new float[BLOCK];
    final float[] run = new float[BLOCK];
    final float[] results = new float[BLOCK];
    final double[] totals = new double[BLOCK];
  }

  static boolean has(ReduceKernel kernel) {
    return kernel != ReduceKernel.PROD;
  }

  void reduce(ReduceKernel kernel, Buffer x, ReducedAxes axes, Buffer y) {
    boolean max = kernel == ReduceKernel.MAX;
    boolean overColumns = axes.outerKept() == 1;
    Slices s =
        Slices.of(
            overColumns ? axes.kept() : axes.outerKept(),
            Slices.worthwhile(axes.elements(), least.elements()),
            overColumns ? GRAIN : 1);
    try (Operands o = new Operands()) {
      long from = o.read(x, null);
      long to = o.overwrite(y, null);
      Workers.run(
          s.count(),
          i -> {
            long start = s.start(i);
            long end = start + s.length(i);
            if (axes.kept() == 1) {
              reduceRuns(max, from, axes, start, end, to);
            } else if (overColumns) {
              reduceColumns(max, from, axes, 0, start, end, to);
            } else {
              for (long outer = start; outer < end; outer++) {
                reduceColumns(max, from, axes, outer, 0, axes.kept(), to);
              }
            }
          });
    }
  }

  /** Results {@code [start, end)} of those that lie far apart: consecutive numbers become one. */
  private static void reduceRuns(
      boolean max, long x, ReducedAxes axes, long start, long end, long y) {
    Scratch s = SCRATCH.get();
    for (long done = start; done < end; done += BLOCK) {
      int n = (int) Math.min(BLOCK, end - done);
      for (int i = 0; i < n; i++) {
        double total = max ? Double.NEGATIVE_INFINITY : 0;
        for (long outer = 0; outer < axes.outerReduced(); outer++) {
          long at = x + 4 * (outer * axes.outerKept() + done + i) * axes.reduced();
          for (long first = 0; first < axes.reduced(); first += BLOCK) {
            int count = (int) Math.min(BLOCK, axes.reduced() - first);
            RawMemory.read(at + 4 * first, s.block, 0, count);
            total = max ? Math.max(total, max(s.block, count)) : total + sum(s.block, count);
          }
        }
        s.results[i] = (float) total;
      }
      RawMemory.write(s.results, 0, y + 4 * done, n);
    }
  }

  /** Columns {@code [start, end)} of the results of one outer index: rows are taken together. */
  private static void reduceColumns(
      boolean max, long x, ReducedAxes axes, long outerKept, long start, long end, long y) {
    Scratch s = SCRATCH.get();
    for (long first = start; first < end; first += BLOCK) {
      int width = (int) Math.min(BLOCK, end - first);
      Arrays.fill(s.totals, 0, width, max ? Double.NEGATIVE_INFINITY : 0);
      for (long outer = 0; outer < axes.outerReduced(); outer++) {
        long matrix = (outer * axes.outerKept() + outerKept) * axes.reduced() * axes.kept();
        takeRows(max, x + 4 * (matrix + first), axes, width, s);
      }
      for (int i = 0; i < width; i++) {
        s.results[i] = (float) s.totals[i];
      }
      RawMemory.write(s.results, 0, y + 4 * (outerKept * axes.kept() + first), width);
    }
  }

  /** Into the totals. */
  private static void takeRows(boolean max, long x, ReducedAxes axes, int width, Scratch s) {
    // Rows that are read whole stand one after the other.
    int together = width == axes.kept() ? BLOCK / width : 1;
    int inRun = 0;
    for (long row = 0; row < axes.reduced(); row += together) {
      int rows = (int) Math.min(together, axes.reduced() - row);
      RawMemory.read(x + 4 * row * axes.kept(), s.block, 0, rows * width);
      for (int r = 0; r < rows; r++) {
        combine(max, s.block, r * width, s.run, width, inRun == 0);
        if (++inRun == RUN) {
          collect(max, s.run, s.totals, width);
          inRun = 0;
        }
      }
    }
    if (inRun > 0) {
      collect(max, s.run, s.totals, width);
    }
  }

  // Loops of which the JIT makes vector code, or that leave the adders no time to wait.

  private static void combine(
      boolean max, float[] block, int at, float[] run, int width, boolean first) {
    if (first) {
      System.arraycopy(block, at, run, 0, width);
    } else if (max) {
      for (int i = 0; i < width; i++) {
        run[i] = Math.max(run[i], block[at + i]);
      }
    } else {
      for (int i = 0; i < width; i++) {
        run[i] += block[at + i];
      }
    }
  }

  private static void collect(boolean max, float[] run, double[] totals, int width) {
    for (int i = 0; i < width; i++) {
      totals[i] = max ? Math.max(totals[i], run[i]) : totals[i] + run[i];
    }
  }

  private static double sum(float[] x, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i < count - 3; i += 4) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
    }
    for (; i < count; i++) {
      a += x[i];
    }
    return a + b + (c + d);
  }

  private static float max(float[] x, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }
}
