// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layer normalisation and its gradients, against the formulas in double precision. */
interface LayerNormContract extends BackendContract {
  @ParameterizedTest(name = "[{0}, {1}], weight: {2}, bias: {3}")
  @CsvSource({
    "1, 1, true, true",
    "3, 5, true, true",
    "6, 128, true, true",
    "17, 33, true, false",
    "17, 33, false, true",
    "2, 1000, false, false",
    "0, 3000, true, true"
  })
  default void layerNorm(int rows, int columns, boolean withWeight, boolean withBias) {
    var geometry = new LayerNormGeometry(rows, columns, 1e-3);
    Expected e = new Expected(geometry, withWeight, withBias, this);
    for (DType dtype : types()) {
      Buffer x = buffer(dtype, e.x);
      Buffer weight = withWeight ? buffer(dtype, e.weight) : null;
      Buffer bias = withBias ? buffer(dtype, e.bias) : null;
      Buffer mean = dirty(dtype, rows);
      Buffer variance = dirty(dtype, rows);
      Buffer y = dirty(dtype, e.x.length);
      backend().layerNorm(geometry, x, weight, bias, mean, variance, y);
      assertClose("mean", columns, e.mean, mean);
      assertClose("variance", columns, e.variance, variance);
      assertClose("y", columns, e.y, y);
      gradients(geometry, e, dtype, x, weight, mean, variance);
    }
  }

  private void gradients(
      LayerNormGeometry geometry,
      Expected e,
      DType dtype,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance) {
    Buffer g = buffer(dtype, e.g);
    for (int wanted = 1; wanted < 8; wanted++) {
      Buffer gx = (wanted & 1) == 0 ? null : dirty(dtype, e.x.length);
      Buffer gw = (wanted & 2) == 0 ? null : dirty(dtype, geometry.columns());
      Buffer gb = (wanted & 4) == 0 ? null : dirty(dtype, geometry.columns());
      backend().layerNormGradient(geometry, x, weight, mean, variance, g, gx, gw, gb);
      if (gx != null) {
        assertClose("input gradient", 4 * geometry.columns(), e.gx, gx);
      }
      if (gw != null) {
        assertClose("weight gradient", 4 * geometry.rows(), e.gw, gw);
      }
      if (gb != null) {
        assertClose("bias gradient", geometry.rows(), e.gb, gb);
      }
    }
  }

  @Test
  @DisplayName("a row with NaN or ∞ is NaN; the row beside it is not")
  default void specialRows() {
    var geometry = new LayerNormGeometry(3, 20, 1e-3);
    double[] x = random(1, 60);
    x[7] = Double.NaN;
    x[31] = Double.NEGATIVE_INFINITY;
    for (DType dtype : types()) {
      Buffer mean = dirty(dtype, 3);
      Buffer variance = dirty(dtype, 3);
      Buffer y = dirty(dtype, 60);
      backend().layerNorm(geometry, buffer(dtype, x), null, null, mean, variance, y);
      double[] expected = new double[60];
      Arrays.fill(expected, Double.NaN);
      double m = Arrays.stream(x, 40, 60).average().orElseThrow();
      double v = Arrays.stream(x, 40, 60).map(d -> (d - m) * (d - m)).average().orElseThrow();
      for (int i = 40; i < 60; i++) {
        expected[i] = (x[i] - m) / Math.sqrt(v + 1e-3);
      }
      assertClose("y", 20, expected, y);
    }
  }

  /** The formulas for random numbers. */
  final class Expected {
    final double[] x;
    final double[] weight;
    final double[] bias;
    final double[] mean;
    final double[] variance;
    final double[] g;
    final double[] y;
    final double[] gx;
    final double[] gw;
    final double[] gb;

    Expected(
        LayerNormGeometry geometry,
        boolean withWeight,
        boolean withBias,
        BackendContract contract) {
      int n = geometry.columns();
      x = contract.random(1, geometry.rows() * n);
      g = contract.random(2, x.length);
      weight = contract.random(3, n);
      bias = contract.random(4, n);
      mean = new double[geometry.rows()];
      variance = new double[geometry.rows()];
      y = new double[x.length];
      gx = new double[x.length];
      gw = new double[n];
      gb = new double[n];
      for (int row = 0; row < geometry.rows(); row++) {
        double m = Arrays.stream(x, row * n, row * n + n).average().orElseThrow();
        double v =
            Arrays.stream(x, row * n, row * n + n)
                .map(d -> (d - m) * (d - m))
                .average()
                .orElseThrow();
        mean[row] = m;
        variance[row] = v;
        double s = Math.sqrt(v + geometry.eps());
        double sum = 0;
        double along = 0;
        for (int c = 0; c < n; c++) {
          int i = row * n + c;
          double normal = (x[i] - m) / s;
          double w = withWeight ? weight[c] : 1;
          y[i] = normal * w + (withBias ? bias[c] : 0);
          gw[c] += g[i] * normal;
          gb[c] += g[i];
          sum += g[i] * w;
          along += g[i] * w * normal;
        }
        for (int c = 0; c < n; c++) {
          int i = row * n + c;
          double w = withWeight ? weight[c] : 1;
          gx[i] = (n * g[i] * w - sum - (x[i] - m) / s * along) / (n * s);
        }
      }
    }
  }
}
