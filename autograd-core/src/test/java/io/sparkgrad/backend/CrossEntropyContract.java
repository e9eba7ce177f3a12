// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cross entropy with class numbers and its gradient, against the formulas in double precision. */
interface CrossEntropyContract extends BackendContract {
  @ParameterizedTest(name = "[{0}, {1}], weight: {2}, label smoothing: {3}")
  @CsvSource({
    "32, 10, false, 0",
    "1, 1, false, 0.25",
    "3, 5, true, 0",
    "17, 33, true, 0.25",
    "2, 1500, true, 0.25",
    "5, 1000, false, 1",
    "0, 3, true, 0.25",
    "9, 0, false, 0"
  })
  default void crossEntropy(int rows, int columns, boolean withWeight, double smoothing) {
    var geometry = new CrossEntropyGeometry(rows, columns, smoothing);
    double[] x = Arrays.stream(random(1, rows * columns)).map(v -> 16 * v).toArray();
    double[] w = withWeight ? Arrays.stream(random(2, columns)).map(v -> 1 + v).toArray() : null;
    double[] g = random(3, rows);
    long[] targets =
        IntStream.range(0, rows)
            .mapToLong(r -> columns == 0 || r % 4 == 3 ? -1 : (r * 7L + 2) % columns)
            .toArray();
    double[] logs = new double[x.length];
    double[] losses = new double[rows];
    double[] gradient = new double[x.length];
    for (int row = 0; row < rows; row++) {
      logSoftmax(x, row * columns, columns, logs);
      double[] d = coefficients(geometry, targets[row], w);
      double total = Arrays.stream(d).sum();
      for (int c = 0; c < columns; c++) {
        int i = row * columns + c;
        losses[row] -= d[c] * logs[i];
        gradient[i] = g[row] * (Math.exp(logs[i]) * total - d[c]);
      }
    }
    for (DType dtype : types()) {
      Buffer weight = w == null ? null : buffer(dtype, w);
      Buffer l = dirty(dtype, x.length);
      Buffer y = dirty(dtype, rows);
      backend().crossEntropy(geometry, buffer(dtype, x), indices(targets), weight, l, y);
      assertClose("log softmax", 16, logs, l);
      assertClose("losses", 16 + columns, losses, y);
      Buffer gx = dirty(dtype, x.length);
      backend().crossEntropyGradient(geometry, l, indices(targets), weight, buffer(dtype, g), gx);
      assertClose("gradient", 16 + columns, gradient, gx);
    }
  }

  private static void logSoftmax(double[] x, int start, int columns, double[] logs) {
    int end = start + columns;
    double max = Arrays.stream(x, start, end).max().orElse(0);
    double sum = Arrays.stream(x, start, end).map(v -> Math.exp(v - max)).sum();
    for (int i = start; i < end; i++) {
      logs[i] = x[i] - max - Math.log(sum);
    }
  }

  /** Of −log softmax in a row's loss. */
  private static double[] coefficients(
      CrossEntropyGeometry geometry, long target, double @Nullable [] w) {
    double[] d = new double[geometry.columns()];
    for (int c = 0; target >= 0 && c < d.length; c++) {
      double share = geometry.labelSmoothing() / d.length;
      d[c] = (c == target ? 1 - geometry.labelSmoothing() + share : share) * (w == null ? 1 : w[c]);
    }
    return d;
  }

  @Test
  @DisplayName(
      "NaN spoils its own row alone, an ignored row has loss 0 whatever it holds, and no gradient whatever arrives")
  default void specialTargets() {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    var geometry = new CrossEntropyGeometry(5, 3, 0);
    double[] x = {1, nan, 2, 0, -inf, 0, nan, 0, 0, 0, -inf, 0, 1, 1, 1};
    long[] targets = {0, 1, -1, 0, -1};
    double[] g = {1, 1, 1, 1, inf};
    double half = Math.log(2);
    for (DType dtype : types()) {
      Buffer logs = dirty(dtype, 15);
      Buffer losses = dirty(dtype, 5);
      backend().crossEntropy(geometry, buffer(dtype, x), indices(targets), null, logs, losses);
      assertClose("losses", 16, new double[] {nan, inf, 0, half, 0}, losses);
      Buffer gx = dirty(dtype, 15);
      backend().crossEntropyGradient(geometry, logs, indices(targets), null, buffer(dtype, g), gx);
      double[] expected = {nan, nan, nan, .5, -1, .5, nan, nan, nan, -.5, 0, .5, 0, 0, 0};
      assertClose("gradient", 16, expected, gx);
    }
  }
}
