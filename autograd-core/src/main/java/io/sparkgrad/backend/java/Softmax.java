// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SoftmaxKernel;

/** Softmax and its logarithm along rows, in double precision. */
final class Softmax {
  private Softmax() {}

  static void forward(SoftmaxKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    int n = (int) columns;
    double[] terms = new double[n];
    for (int start = 0; start < rows * n; start += n) {
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < n; c++) {
        max = Math.max(max, in.get(start + c));
      }
      double sum = 0;
      for (int c = 0; c < n; c++) {
        terms[c] = Math.exp(in.get(start + c) - max);
        sum += terms[c];
      }
      double logSum = Math.log(sum);
      for (int c = 0; c < n; c++) {
        // In this order: max + logSum would round away what large inputs differ in.
        out.set(
            start + c,
            kernel == SoftmaxKernel.SOFTMAX ? terms[c] / sum : in.get(start + c) - max - logSum);
      }
    }
  }

  /** {@code ∂ = y·(g − Σ g·y)}, and {@code ∂ = g − eʸ·Σ g} for the logarithm. */
  static void gradient(
      SoftmaxKernel kernel, Buffer y, Buffer yGradient, long rows, long columns, Buffer xGradient) {
    HeapBuffer result = HeapBuffer.of(y);
    HeapBuffer g = HeapBuffer.of(yGradient);
    HeapBuffer out = HeapBuffer.of(xGradient);
    boolean log = kernel == SoftmaxKernel.LOG_SOFTMAX;
    int n = (int) columns;
    for (int start = 0; start < rows * n; start += n) {
      double sum = 0;
      for (int i = start; i < start + n; i++) {
        sum += log ? g.get(i) : g.get(i) * result.get(i);
      }
      for (int i = start; i < start + n; i++) {
        double p = result.get(i);
        out.set(i, log ? g.get(i) - Math.exp(p) * sum : p * (g.get(i) - sum));
      }
    }
  }
}
