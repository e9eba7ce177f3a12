// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.CrossEntropyGeometry;
import io.sparkgrad.backend.SoftmaxKernel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cross entropy with class numbers and its gradient, row by row, in double precision. */
final class CrossEntropy {
  private CrossEntropy() {}

  static void forward(
      CrossEntropyGeometry geometry,
      Buffer x,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer logs,
      Buffer losses) {
    int n = geometry.columns();
    Softmax.forward(SoftmaxKernel.LOG_SOFTMAX, x, geometry.rows(), n, logs);
    HeapBuffer l = HeapBuffer.of(logs);
    HeapBuffer out = HeapBuffer.of(losses);
    long[] classes = HeapBuffer.longs(targets);
    double[] w = weights(weight, n);
    for (int row = 0, start = 0; row < geometry.rows(); row++, start += n) {
      int t = (int) classes[row];
      if (t < 0) {
        out.set(row, 0);
        continue;
      }
      double sum = geometry.onTarget() * w[t] * l.get(start + t);
      for (int c = 0; geometry.onEach() > 0 && c < n; c++) {
        sum += geometry.onEach() * w[c] * l.get(start + c);
      }
      out.set(row, -sum);
    }
  }

  /**
   * With d the coefficients of −ℓ in the loss, {@code ∂ = g·(eˡ·Σ d − d)}; an ignored row has none,
   * whatever g is.
   */
  static void gradient(
      CrossEntropyGeometry geometry,
      Buffer logs,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer lossGradients,
      Buffer xGradient) {
    int n = geometry.columns();
    HeapBuffer l = HeapBuffer.of(logs);
    HeapBuffer g = HeapBuffer.of(lossGradients);
    HeapBuffer out = HeapBuffer.of(xGradient);
    long[] classes = HeapBuffer.longs(targets);
    double[] w = weights(weight, n);
    double ofAll = geometry.onEach() > 0 ? Arrays.stream(w).sum() : 0;
    for (int row = 0, start = 0; row < geometry.rows(); row++, start += n) {
      int t = (int) classes[row];
      double target = t < 0 ? 0 : g.get(row) * geometry.onTarget() * w[t];
      double each = t < 0 || geometry.onEach() == 0 ? 0 : g.get(row) * geometry.onEach();
      double total = target + each * ofAll;
      for (int c = 0; c < n; c++) {
        double d = each * w[c] + (c == t ? target : 0);
        out.set(start + c, Math.exp(l.get(start + c)) * total - d);
      }
    }
  }

  private static double[] weights(@Nullable Buffer weight, int classes) {
    double[] weights = new double[classes];
    if (weight == null) {
      Arrays.fill(weights, 1);
    } else {
      Arrays.setAll(weights, HeapBuffer.of(weight)::get);
    }
    return weights;
  }
}
