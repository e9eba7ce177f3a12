// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.LayerNormGeometry;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Layer normalisation, row by row, with sums in double precision. */
final class LayerNormalization {
  private LayerNormalization() {}

  static void forward(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    double[] factors = values(weight, geometry.columns(), 1);
    double[] summands = values(bias, geometry.columns(), 0);
    int n = geometry.columns();
    for (int row = 0, start = 0; row < geometry.rows(); row++, start += n) {
      double m = 0;
      for (int c = 0; c < n; c++) {
        m += in.get(start + c);
      }
      m /= n;
      double v = 0;
      for (int c = 0; c < n; c++) {
        double d = in.get(start + c) - m;
        v += d * d;
      }
      v /= n;
      HeapBuffer.of(mean).set(row, m);
      HeapBuffer.of(variance).set(row, v);
      double inverse = 1 / Math.sqrt(v + geometry.eps());
      for (int c = 0; c < n; c++) {
        out.set(start + c, (in.get(start + c) - m) * inverse * factors[c] + summands[c]);
      }
    }
  }

  /**
   * With {@code x̂} the normalised input, {@code ĝ = g·weight} and means over a row, {@code ∂weight
   * = Σ g·x̂}, {@code ∂bias = Σ g} and {@code ∂x = (ĝ − mean(ĝ) − x̂·mean(ĝ·x̂))/√(σ² + ε)}.
   */
  static void gradient(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer g = HeapBuffer.of(yGradient);
    double[] factors = values(weight, geometry.columns(), 1);
    int n = geometry.columns();
    double[] normal = new double[n];
    double[] weightSums = new double[n];
    double[] biasSums = new double[n];
    for (int row = 0, start = 0; row < geometry.rows(); row++, start += n) {
      double m = HeapBuffer.of(mean).get(row);
      double inverse = 1 / Math.sqrt(HeapBuffer.of(variance).get(row) + geometry.eps());
      double sum = 0;
      double along = 0;
      for (int c = 0; c < n; c++) {
        double slope = g.get(start + c);
        normal[c] = (in.get(start + c) - m) * inverse;
        weightSums[c] += slope * normal[c];
        biasSums[c] += slope;
        sum += slope * factors[c];
        along += slope * factors[c] * normal[c];
      }
      for (int c = 0; xGradient != null && c < n; c++) {
        double scaled = g.get(start + c) * factors[c];
        HeapBuffer.of(xGradient)
            .set(start + c, (scaled - sum / n - normal[c] * along / n) * inverse);
      }
    }
    store(weightSums, weightGradient);
    store(biasSums, biasGradient);
  }

  private static double[] values(@Nullable Buffer buffer, int length, double otherwise) {
    double[] values = new double[length];
    if (buffer == null) {
      Arrays.fill(values, otherwise);
    } else {
      Arrays.setAll(values, HeapBuffer.of(buffer)::get);
    }
    return values;
  }

  private static void store(double[] values, @Nullable Buffer target) {
    for (int i = 0; target != null && i < values.length; i++) {
      HeapBuffer.of(target).set(i, values[i]);
    }
  }
}
