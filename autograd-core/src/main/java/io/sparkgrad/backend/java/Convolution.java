// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.DType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Chooses how a convolution is computed. */
final class Convolution {
  private Convolution() {}

  private static boolean depthwise(Conv2dGeometry c) {
    return c.inChannelsPerGroup() == 1 && c.groups() > 1;
  }

  static void forward(Conv2dGeometry c, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    if (x.dtype() == DType.FLOAT64) {
      double[] out = HeapBuffer.doubles(y);
      Arrays.fill(out, 0);
      DirectConvolution.forward(c, HeapBuffer.doubles(x), HeapBuffer.doubles(weight), out);
    } else if (depthwise(c)) {
      new DepthwiseConvolution(c)
          .forward(HeapBuffer.floats(x), HeapBuffer.floats(weight), HeapBuffer.floats(y));
    } else {
      new GemmConvolution(c)
          .forward(HeapBuffer.floats(x), HeapBuffer.floats(weight), HeapBuffer.floats(y));
    }
    if (bias != null) {
      addBias(c, HeapBuffer.of(bias), HeapBuffer.of(y));
    }
  }

  private static void addBias(Conv2dGeometry c, HeapBuffer bias, HeapBuffer y) {
    int plane = c.outHeight() * c.outWidth();
    for (int i = 0; i < c.n() * c.outChannels(); i++) {
      double b = bias.get(i % c.outChannels());
      if (y.array() instanceof float[] out) {
        float f = (float) b;
        for (int j = i * plane; j < (i + 1) * plane; j++) {
          out[j] += f;
        }
      } else {
        for (int j = i * plane; j < (i + 1) * plane; j++) {
          y.set(j, y.get(j) + b);
        }
      }
    }
  }

  static void inputGradient(Conv2dGeometry c, Buffer gy, Buffer weight, Buffer gx) {
    if (gy.dtype() == DType.FLOAT64) {
      double[] out = HeapBuffer.doubles(gx);
      Arrays.fill(out, 0);
      DirectConvolution.inputGradient(c, HeapBuffer.doubles(gy), HeapBuffer.doubles(weight), out);
    } else if (depthwise(c)) {
      new DepthwiseConvolution(c)
          .inputGradient(HeapBuffer.floats(gy), HeapBuffer.floats(weight), HeapBuffer.floats(gx));
    } else {
      new GemmConvolution(c)
          .inputGradient(HeapBuffer.floats(gy), HeapBuffer.floats(weight), HeapBuffer.floats(gx));
    }
  }

  static void weightGradient(Conv2dGeometry c, Buffer x, Buffer gy, Buffer gw) {
    if (gy.dtype() == DType.FLOAT64) {
      double[] out = HeapBuffer.doubles(gw);
      Arrays.fill(out, 0);
      DirectConvolution.weightGradient(c, HeapBuffer.doubles(x), HeapBuffer.doubles(gy), out);
    } else if (depthwise(c)) {
      new DepthwiseConvolution(c)
          .weightGradient(HeapBuffer.floats(x), HeapBuffer.floats(gy), HeapBuffer.floats(gw));
    } else {
      new GemmConvolution(c)
          .weightGradient(HeapBuffer.floats(x), HeapBuffer.floats(gy), HeapBuffer.floats(gw));
    }
  }
}
