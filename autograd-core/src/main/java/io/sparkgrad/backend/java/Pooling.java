// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Pool2dGeometry;

/** Maxima of windows. */
final class Pooling {
  private Pooling() {}

  static void maxPool2d(Pool2dGeometry p, Buffer x, Buffer y, Buffer indices) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    long[] places = HeapBuffer.longs(indices);
    int at = 0;
    for (int plane = 0; plane < p.planes(); plane++) {
      for (int oh = 0; oh < p.outHeight(); oh++) {
        for (int ow = 0; ow < p.outWidth(); ow++, at++) {
          int best = best(p, in, plane * p.height() * p.width(), oh, ow);
          places[at] = best;
          out.set(at, in.get(best));
        }
      }
    }
  }

  private static int best(Pool2dGeometry p, HeapBuffer in, int plane, int oh, int ow) {
    int top = Math.max(0, oh * p.strideHeight() - p.padHeight());
    int bottom = Math.min(p.height(), oh * p.strideHeight() - p.padHeight() + p.kernelHeight());
    int left = Math.max(0, ow * p.strideWidth() - p.padWidth());
    int right = Math.min(p.width(), ow * p.strideWidth() - p.padWidth() + p.kernelWidth());
    int best = plane + top * p.width() + left;
    for (int h = top; h < bottom; h++) {
      for (int w = left; w < right; w++) {
        int i = plane + h * p.width() + w;
        double value = in.get(i);
        if (value > in.get(best) || Double.isNaN(value)) {
          best = i;
        }
      }
    }
    return best;
  }
}
