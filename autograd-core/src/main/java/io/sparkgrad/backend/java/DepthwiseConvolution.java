// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Conv2dGeometry;
import java.util.Arrays;

/**
 * FLOAT32 convolution with one input channel per group, without a columns matrix: for each kernel
 * element one pass over the rows that it touches, whose bounds are known outside the loop.
 */
final class DepthwiseConvolution {
  private final Conv2dGeometry c;

  DepthwiseConvolution(Conv2dGeometry c) {
    this.c = c;
  }

  void forward(float[] x, float[] w, float[] y) {
    Arrays.fill(y, 0f);
    int s = c.strideWidth();
    forEachRow(
        (in, weight, out, n) -> {
          float f = w[weight];
          if (s == 1) {
            for (int i = 0; i < n; i++) {
              y[out + i] += f * x[in + i];
            }
          } else {
            for (int i = 0; i < n; i++) {
              y[out + i] += f * x[in + i * s];
            }
          }
        });
  }

  void inputGradient(float[] gy, float[] w, float[] gx) {
    Arrays.fill(gx, 0f);
    int s = c.strideWidth();
    forEachRow(
        (in, weight, out, n) -> {
          float f = w[weight];
          for (int i = 0; i < n; i++) {
            gx[in + i * s] += f * gy[out + i];
          }
        });
  }

  void weightGradient(float[] x, float[] gy, float[] gw) {
    Arrays.fill(gw, 0f);
    int s = c.strideWidth();
    forEachRow(
        (in, weight, out, n) -> {
          float sum = 0;
          for (int i = 0; i < n; i++) {
            sum += x[in + i * s] * gy[out + i];
          }
          gw[weight] += sum;
        });
  }

  private interface RowWork {
    /**
     * A run of n outputs from {@code out} on, whose inputs start at {@code in}, under one kernel
     * element.
     */
    void run(int in, int weight, int out, int n);
  }

  private void forEachRow(RowWork work) {
    for (int n = 0; n < c.n(); n++) {
      for (int channel = 0; channel < c.outChannels(); channel++) {
        int inPlane = n * c.inChannels() + channel / c.outChannelsPerGroup();
        plane(
            inPlane * c.height() * c.width(),
            channel * c.kernelHeight() * c.kernelWidth(),
            (n * c.outChannels() + channel) * c.outHeight() * c.outWidth(),
            work);
      }
    }
  }

  private void plane(int in, int weight, int out, RowWork work) {
    for (int oh = 0; oh < c.outHeight(); oh++) {
      for (int kh = 0; kh < c.kernelHeight(); kh++) {
        int h = oh * c.strideHeight() - c.padHeight() + kh * c.dilationHeight();
        if (h < 0 || h >= c.height()) {
          continue;
        }
        for (int kw = 0; kw < c.kernelWidth(); kw++) {
          int left = kw * c.dilationWidth() - c.padWidth();
          int from = GemmConvolution.firstInside(left, c.strideWidth());
          int room = c.width() - left;
          int to =
              Math.min(
                  c.outWidth(), room <= 0 ? 0 : (room + c.strideWidth() - 1) / c.strideWidth());
          if (from < to) {
            work.run(
                in + h * c.width() + left + from * c.strideWidth(),
                weight + kh * c.kernelWidth() + kw,
                out + oh * c.outWidth() + from,
                to - from);
          }
        }
      }
    }
  }
}
