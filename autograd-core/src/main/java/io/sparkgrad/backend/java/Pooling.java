// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Pool2dGeometry;
import org.jspecify.annotations.Nullable;

/** Maxima and means of windows, and their gradients. */
final class Pooling {
  private Pooling() {}

  /**
   * Maxima.
   *
   * @param places if wanted, filled with where in x they stand
   */
  static void maxPool2d(Pool2dGeometry p, Buffer x, Buffer y, long @Nullable [] places) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    forEachWindow(
        p,
        (window, at) -> {
          int best = window.best(in);
          if (places != null) {
            places[at] = best;
          }
          out.set(at, in.get(best));
        });
  }

  static void avgPool2d(Pool2dGeometry p, boolean countIncludePad, Buffer x, Buffer y) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    forEachWindow(p, (window, at) -> out.set(at, window.sum(in) / window.count(countIncludePad)));
  }

  /** Zeros in xGradient beforehand. */
  static void avgPool2dGradient(
      Pool2dGeometry p, boolean countIncludePad, Buffer yGradient, Buffer xGradient) {
    HeapBuffer gy = HeapBuffer.of(yGradient);
    HeapBuffer gx = HeapBuffer.of(xGradient);
    forEachWindow(p, (window, at) -> window.add(gx, gy.get(at) / window.count(countIncludePad)));
  }

  private interface Visitor {
    /**
     * Sees a window.
     *
     * @param at of its result
     */
    void visit(Window window, int at);
  }

  private static void forEachWindow(Pool2dGeometry p, Visitor visitor) {
    Window window = new Window(p);
    int at = 0;
    for (int plane = 0; plane < p.planes(); plane++) {
      for (int oh = 0; oh < p.outHeight(); oh++) {
        for (int ow = 0; ow < p.outWidth(); ow++, at++) {
          window.moveTo(plane, oh, ow);
          visitor.visit(window, at);
        }
      }
    }
  }

  /** The part of the input under one output; the same object for all. */
  private static final class Window {
    private final Pool2dGeometry p;
    private int plane;
    private int top;
    private int bottom;
    private int left;
    private int right;
    private int withPadding;

    Window(Pool2dGeometry p) {
      this.p = p;
    }

    void moveTo(int newPlane, int oh, int ow) {
      int row = oh * p.strideHeight() - p.padHeight();
      int column = ow * p.strideWidth() - p.padWidth();
      plane = newPlane * p.height() * p.width();
      top = Math.max(0, row);
      bottom = Math.min(p.height(), row + p.kernelHeight());
      left = Math.max(0, column);
      right = Math.min(p.width(), column + p.kernelWidth());
      int rows = Math.min(row + p.kernelHeight(), p.height() + p.padHeight()) - row;
      withPadding = rows * (Math.min(column + p.kernelWidth(), p.width() + p.padWidth()) - column);
    }

    /** What ceil mode adds never counts. */
    int count(boolean padding) {
      return padding ? withPadding : (bottom - top) * (right - left);
    }

    int best(HeapBuffer in) {
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

    double sum(HeapBuffer in) {
      double sum = 0;
      for (int h = top; h < bottom; h++) {
        for (int w = left; w < right; w++) {
          sum += in.get(plane + h * p.width() + w);
        }
      }
      return sum;
    }

    void add(HeapBuffer to, double value) {
      for (int h = top; h < bottom; h++) {
        for (int w = left; w < right; w++) {
          int i = plane + h * p.width() + w;
          to.set(i, to.get(i) + value);
        }
      }
    }
  }
}
