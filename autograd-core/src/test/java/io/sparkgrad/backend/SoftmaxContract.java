// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Softmax along the last axis and its gradient. */
interface SoftmaxContract extends BackendContract {
  @ParameterizedTest
  @CsvSource({"1,1", "3,5", "2,1000", "7,1", "17,33", "6,64", "0,3"})
  default void softmax(int rows, int columns) {
    double[] x = Arrays.stream(random(1, rows * columns)).map(v -> 128 * v).toArray();
    double[] g = random(2, rows * columns);
    for (SoftmaxKernel kernel : SoftmaxKernel.values()) {
      double[] expected = new double[x.length];
      double[] gradient = new double[x.length];
      for (int r = 0; r < rows; r++) {
        row(kernel, x, g, r * columns, columns, expected, gradient);
      }
      for (DType dtype : types()) {
        Buffer y = dirty(dtype, x.length);
        backend().softmaxLastAxis(kernel, buffer(dtype, x), rows, columns, y);
        assertClose(kernel.toString(), 16, expected, y);
        Buffer gx = dirty(dtype, x.length);
        backend()
            .softmaxGradientLastAxis(
                kernel, buffer(dtype, expected), buffer(dtype, g), rows, columns, gx);
        assertClose(kernel + " gradient", 16 + columns, gradient, gx);
      }
    }
  }

  private static void row(
      SoftmaxKernel kernel,
      double[] x,
      double[] g,
      int start,
      int columns,
      double[] y,
      double[] gx) {
    int end = start + columns;
    boolean log = kernel == SoftmaxKernel.LOG_SOFTMAX;
    double max = Arrays.stream(x, start, end).max().orElse(0);
    double sum = Arrays.stream(x, start, end).map(v -> Math.exp(v - max)).sum();
    double along = 0;
    for (int i = start; i < end; i++) {
      double logarithm = x[i] - max - Math.log(sum);
      y[i] = log ? logarithm : Math.exp(logarithm);
      along += log ? g[i] : g[i] * y[i];
    }
    for (int i = start; i < end; i++) {
      gx[i] = log ? g[i] - Math.exp(y[i]) * along : y[i] * (g[i] - along);
    }
  }

  @ParameterizedTest
  @EnumSource(SoftmaxKernel.class)
  @DisplayName("a row with NaN or ∞, or of nothing but −∞, is NaN; other rows beside it are not")
  default void specialRows(SoftmaxKernel kernel) {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    boolean log = kernel == SoftmaxKernel.LOG_SOFTMAX;
    for (int columns : new int[] {2, 3, 19, 64}) {
      double[] x = new double[6 * columns];
      double[] expected = new double[x.length];
      double[] gradient = new double[x.length];
      double[] g = new double[x.length];
      Arrays.fill(x, 2 * columns, 4 * columns, -inf);
      x[columns - 1] = nan;
      x[2 * columns - 1] = inf;
      x[3 * columns + 1] = 5; // all of the weight, beside −∞
      x[4 * columns] = -inf;
      x[5 * columns] = inf;
      x[5 * columns + 1] = -inf;
      Arrays.fill(expected, nan);
      Arrays.fill(gradient, nan);
      Arrays.fill(expected, 3 * columns, 4 * columns, log ? -inf : 0);
      expected[3 * columns + 1] = log ? 0 : 1;
      Arrays.fill(
          expected, 4 * columns, 5 * columns, log ? -Math.log(columns - 1) : 1.0 / (columns - 1));
      expected[4 * columns] = log ? -inf : 0;
      Arrays.fill(gradient, 3 * columns, 5 * columns, 0);
      g[3 * columns] = 1;
      gradient[3 * columns] = log ? 1 : 0;
      gradient[3 * columns + 1] = log ? -1 : 0;
      for (DType dtype : types()) {
        Buffer y = dirty(dtype, x.length);
        backend().softmaxLastAxis(kernel, buffer(dtype, x), 6, columns, y);
        assertClose(kernel + " of " + columns, 16, expected, y);
        Buffer gx = dirty(dtype, x.length);
        backend().softmaxGradientLastAxis(kernel, y, buffer(dtype, g), 6, columns, gx);
        assertClose(kernel + " gradient", 16, gradient, gx);
      }
    }
  }
}
