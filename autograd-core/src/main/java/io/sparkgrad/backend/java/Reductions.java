// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/** Sums, maxima and products, in double precision and in the order of memory. */
final class Reductions {
  private Reductions() {}

  static void reduce(ReduceKernel kernel, Buffer x, Shape shape, boolean[] axes, Buffer y) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    double[] total = new double[out.size()];
    Arrays.fill(total, neutral(kernel));
    // Positions in the result: strides of 0 along the reduced axes.
    long[] strides = new long[shape.rank()];
    long step = 1;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      if (!axes[i]) {
        strides[i] = step;
        step *= shape.size(i);
      }
    }
    // The innermost axis is walked in a plain loop: all into one total, or each into its own.
    int rank = shape.rank();
    int inner = rank == 0 ? 1 : (int) shape.size(rank - 1);
    int innerStep = rank == 0 ? 0 : (int) strides[rank - 1];
    Shape outer = Shape.of(Arrays.copyOf(shape.dims(), Math.max(0, rank - 1)));
    StridedIndex index =
        new StridedIndex(outer, strides, outer.strides()); // the second position is not used
    for (int start = 0; start < in.size(); start += inner) {
      int at = index.first();
      if (kernel == ReduceKernel.SUM) {
        sum(in, start, inner, total, at, innerStep);
      } else {
        combine(combination(kernel), in, start, inner, total, at, innerStep);
      }
      index.advance();
    }
    for (int i = 0; i < total.length; i++) {
      out.set(i, total[i]);
    }
  }

  private static void sum(HeapBuffer in, int start, int n, double[] total, int at, int step) {
    if (in.array() instanceof float[] x && step == 0) {
      double sum = 0;
      for (int i = start; i < start + n; i++) {
        sum += x[i];
      }
      total[at] += sum;
      return;
    }
    if (in.array() instanceof float[] x && step == 1) {
      for (int i = 0; i < n; i++) {
        total[at + i] += x[start + i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      total[at + i * step] += in.get(start + i);
    }
  }

  private static void combine(
      DoubleBinaryOperator f, HeapBuffer in, int start, int n, double[] total, int at, int step) {
    for (int i = 0; i < n; i++) {
      total[at + i * step] = f.applyAsDouble(total[at + i * step], in.get(start + i));
    }
  }

  private static double neutral(ReduceKernel kernel) {
    return switch (kernel) {
      case SUM -> 0;
      case MAX -> Double.NEGATIVE_INFINITY;
      case PROD -> 1;
    };
  }

  private static DoubleBinaryOperator combination(ReduceKernel kernel) {
    return switch (kernel) {
      case SUM -> Double::sum;
      case MAX -> Math::max;
      case PROD -> (a, b) -> a * b;
    };
  }

  static void scanLastAxis(ReduceKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    DoubleBinaryOperator f = combination(kernel);
    int n = (int) columns;
    for (int r = 0; r < rows; r++) {
      double total = neutral(kernel);
      for (int i = r * n; i < (r + 1) * n; i++) {
        total = f.applyAsDouble(total, in.get(i));
        out.set(i, total);
      }
    }
  }

  static void argmaxLastAxis(Buffer x, long rows, long columns, Buffer indices) {
    HeapBuffer in = HeapBuffer.of(x);
    long[] out = HeapBuffer.longs(indices);
    int n = (int) columns;
    for (int r = 0; r < rows; r++) {
      int best = 0;
      for (int c = 1; c < n; c++) {
        double value = in.get(r * n + c);
        double champion = in.get(r * n + best);
        if (value > champion || (Double.isNaN(value) && !Double.isNaN(champion))) {
          best = c;
        }
      }
      out[r] = best;
    }
  }
}
