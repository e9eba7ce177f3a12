// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;

/** Moves elements without computing: strided copies and rows by number. */
final class Movement {
  private Movement() {}

  static void copy(Shape region, Buffer source, Layout from, Buffer target, Layout to) {
    if (region.numel() == 0) {
      return;
    }
    Object in = HeapBuffer.of(source).array();
    Object out = HeapBuffer.of(target).array();
    // The innermost axes that are dense on both sides are copied as runs.
    int run = 1;
    int outer = region.rank();
    while (outer > 0
        && from.strides()[outer - 1] == run
        && to.strides()[outer - 1] == run
        && region.size(outer - 1) > 0) {
      run *= (int) region.size(outer - 1);
      outer--;
    }
    Shape runs = Shape.of(Arrays.copyOf(region.dims(), outer));
    StridedIndex index =
        new StridedIndex(
                runs, Arrays.copyOf(from.strides(), outer), Arrays.copyOf(to.strides(), outer))
            .startingAt(from.offset(), to.offset());
    long n = runs.numel();
    if (run == 1 && in instanceof float[] x && out instanceof float[] y) {
      for (long i = 0; i < n; i++) {
        y[index.second()] = x[index.first()];
        index.advance();
      }
    } else {
      for (long i = 0; i < n; i++) {
        System.arraycopy(in, index.first(), out, index.second(), run);
        index.advance();
      }
    }
  }

  static void gatherRows(Buffer x, long columns, Buffer indices, Buffer y) {
    Object in = HeapBuffer.of(x).array();
    Object out = HeapBuffer.of(y).array();
    int n = (int) columns;
    long[] rows = HeapBuffer.longs(indices);
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(in, (int) rows[i] * n, out, i * n, n);
    }
  }

  static void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y) {
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    int n = (int) columns;
    long[] rows = HeapBuffer.longs(indices);
    if (in.array() instanceof float[] from && out.array() instanceof float[] to) {
      scatterAddRows(from, n, rows, to);
      return;
    }
    for (int i = 0; i < rows.length; i++) {
      int target = (int) rows[i] * n;
      for (int j = 0; j < n; j++) {
        out.set(target + j, out.get(target + j) + in.get(i * n + j));
      }
    }
  }

  private static void scatterAddRows(float[] x, int n, long[] rows, float[] y) {
    for (int i = 0; i < rows.length; i++) {
      int target = (int) rows[i] * n;
      for (int j = 0; j < n; j++) {
        y[target + j] += x[i * n + j];
      }
    }
  }
}
