// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Conv2dGeometry;

/**
 * Convolution by its definition, in double precision: the reference that the fast ones are tested
 * against, and the way of FLOAT64. One loop nest visits every product {@code x·w} that goes into a
 * {@code y}; the three kernels differ in which of the three they add to.
 */
final class DirectConvolution {
  private DirectConvolution() {}

  /** What to do with positions of x, w and y that belong together. */
  @FunctionalInterface
  interface Visitor {
    void visit(int x, int w, int y);
  }

  static void forward(Conv2dGeometry c, double[] x, double[] w, double[] y) {
    visit(c, (i, j, k) -> y[k] += x[i] * w[j]);
  }

  static void inputGradient(Conv2dGeometry c, double[] gy, double[] w, double[] gx) {
    visit(c, (i, j, k) -> gx[i] += gy[k] * w[j]);
  }

  static void weightGradient(Conv2dGeometry c, double[] x, double[] gy, double[] gw) {
    visit(c, (i, j, k) -> gw[j] += x[i] * gy[k]);
  }

  private static void visit(Conv2dGeometry c, Visitor visitor) {
    int y = 0;
    for (int n = 0; n < c.n(); n++) {
      for (int out = 0; out < c.outChannels(); out++) {
        int firstIn = n * c.inChannels() + out / c.outChannelsPerGroup() * c.inChannelsPerGroup();
        for (int oh = 0; oh < c.outHeight(); oh++) {
          for (int ow = 0; ow < c.outWidth(); ow++, y++) {
            window(c, firstIn, out, oh, ow, y, visitor);
          }
        }
      }
    }
  }

  private static void window(
      Conv2dGeometry c, int firstIn, int out, int oh, int ow, int y, Visitor visitor) {
    int w = out * c.inChannelsPerGroup() * c.kernelHeight() * c.kernelWidth();
    for (int in = 0; in < c.inChannelsPerGroup(); in++) {
      int plane = (firstIn + in) * c.height() * c.width();
      for (int kh = 0; kh < c.kernelHeight(); kh++) {
        int h = oh * c.strideHeight() - c.padHeight() + kh * c.dilationHeight();
        for (int kw = 0; kw < c.kernelWidth(); kw++, w++) {
          int v = ow * c.strideWidth() - c.padWidth() + kw * c.dilationWidth();
          if (h >= 0 && h < c.height() && v >= 0 && v < c.width()) {
            visitor.visit(plane + h * c.width() + v, w, y);
          }
        }
      }
    }
  }
}
