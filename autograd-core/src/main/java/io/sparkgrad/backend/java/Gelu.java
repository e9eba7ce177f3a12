// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.GeluKernel;

/** Gelu and its gradient, in double precision. */
final class Gelu {
  private static final double ROOT_2_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  private Gelu() {}

  static void forward(GeluKernel kernel, Buffer x, Buffer y) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    boolean erf = kernel == GeluKernel.ERF;
    for (int i = 0; i < in.size(); i++) {
      double v = in.get(i);
      out.set(i, erf ? v * distribution(v) : 0.5 * v * (1 + tanh(v)));
    }
  }

  /**
   * {@code ∂ = g·(Φ(x) + x·φ(x))} with the density φ, and {@code ∂ = g·½·(1 + t + x·(1 − t²)·u')}
   * with {@code t = tanh u}.
   */
  static void gradient(GeluKernel kernel, Buffer x, Buffer yGradient, Buffer xGradient) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer g = HeapBuffer.of(yGradient);
    HeapBuffer out = HeapBuffer.of(xGradient);
    boolean erf = kernel == GeluKernel.ERF;
    for (int i = 0; i < in.size(); i++) {
      double v = in.get(i);
      out.set(i, g.get(i) * (erf ? distribution(v) + v * density(v) : tanhSlope(v)));
    }
  }

  private static double distribution(double x) {
    return 0.5 * (1 + ErrorFunction.of(x * Math.sqrt(0.5)));
  }

  private static double density(double x) {
    return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  private static double tanh(double x) {
    return Math.tanh(ROOT_2_PI * x * (1 + CUBIC * x * x));
  }

  private static double tanhSlope(double x) {
    double t = tanh(x);
    return 0.5 * (1 + t + x * (1 - t * t) * ROOT_2_PI * (1 + 3 * CUBIC * x * x));
  }
}
