// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.Buffer;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Batch normalisation, channel by channel, with sums in double precision. */
final class BatchNormalization {
  private final BatchNormGeometry geometry;
  private final HeapBuffer x;
  private final int plane;

  private BatchNormalization(BatchNormGeometry geometry, Buffer x) {
    this.geometry = geometry;
    this.x = HeapBuffer.of(x);
    this.plane = geometry.height() * geometry.width();
  }

  /** What is done with the elements of a channel, given their positions. */
  private interface Element {
    void at(int i);
  }

  private void each(int channel, Element element) {
    for (int n = 0; n < geometry.n(); n++) {
      int start = (n * geometry.channels() + channel) * plane;
      for (int i = start; i < start + plane; i++) {
        element.at(i);
      }
    }
  }

  private double sum(int channel, IntToDoubleFunction term) {
    double sum = 0;
    for (int n = 0; n < geometry.n(); n++) {
      int start = (n * geometry.channels() + channel) * plane;
      for (int i = start; i < start + plane; i++) {
        sum += term.applyAsDouble(i);
      }
    }
    return sum;
  }

  static void forward(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    var norm = new BatchNormalization(geometry, x);
    HeapBuffer means = HeapBuffer.of(mean);
    HeapBuffer variances = HeapBuffer.of(variance);
    HeapBuffer out = HeapBuffer.of(y);
    for (int c = 0; c < geometry.channels(); c++) {
      if (geometry.ofBatch()) {
        double m = norm.sum(c, norm.x::get) / geometry.count();
        double v = norm.sum(c, i -> square(norm.x.get(i) - m)) / geometry.count();
        means.set(c, m);
        variances.set(c, v);
      }
      double m = means.get(c);
      double factor = value(weight, c, 1) / Math.sqrt(variances.get(c) + geometry.eps());
      double shift = value(bias, c, 0);
      norm.each(c, i -> out.set(i, (norm.x.get(i) - m) * factor + shift));
    }
  }

  /**
   * BN-5: with {@code x̂} the normalised input, {@code ∂weight = Σ g·x̂}, {@code ∂bias = Σ g} and
   * {@code ∂x = weight/√(σ² + ε)·(g − Σg/count − x̂·Σ(g·x̂)/count)}, without the two means where
   * the statistics are given.
   */
  static void gradient(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    var norm = new BatchNormalization(geometry, x);
    HeapBuffer g = HeapBuffer.of(yGradient);
    for (int c = 0; c < geometry.channels(); c++) {
      double m = HeapBuffer.of(mean).get(c);
      double inverse = 1 / Math.sqrt(HeapBuffer.of(variance).get(c) + geometry.eps());
      double sum = norm.sum(c, g::get);
      double along = norm.sum(c, i -> g.get(i) * (norm.x.get(i) - m)) * inverse;
      if (weightGradient != null) {
        HeapBuffer.of(weightGradient).set(c, along);
      }
      if (biasGradient != null) {
        HeapBuffer.of(biasGradient).set(c, sum);
      }
      if (xGradient != null) {
        HeapBuffer out = HeapBuffer.of(xGradient);
        double factor = value(weight, c, 1) * inverse;
        double a = geometry.ofBatch() ? sum / geometry.count() : 0;
        double b = geometry.ofBatch() ? along * inverse / geometry.count() : 0;
        norm.each(c, i -> out.set(i, factor * (g.get(i) - a - (norm.x.get(i) - m) * b)));
      }
    }
  }

  private static double square(double d) {
    return d * d;
  }

  private static double value(@Nullable Buffer buffer, int channel, double otherwise) {
    return buffer == null ? otherwise : HeapBuffer.of(buffer).get(channel);
  }
}
