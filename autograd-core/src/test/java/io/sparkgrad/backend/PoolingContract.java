// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Maxima and means of windows, with their gradients. */
interface PoolingContract extends BackendContract {
  private static Pool2dGeometry pooling(int n, int c, int h, int w, int k, int stride, int pad) {
    int oh = (h + 2 * pad - k) / stride + 1;
    int ow = (w + 2 * pad - k) / stride + 1;
    return new Pool2dGeometry(n, c, h, w, oh, ow, k, k, stride, stride, pad, pad);
  }

  static Stream<Pool2dGeometry> poolings() {
    return Stream.of(
        pooling(1, 1, 1, 1, 1, 1, 0),
        pooling(1, 3, 8, 8, 2, 2, 0),
        pooling(3, 16, 8, 8, 2, 2, 0),
        pooling(2, 7, 7, 9, 3, 2, 1),
        pooling(2, 17, 7, 9, 3, 2, 1),
        pooling(2, 4, 5, 5, 5, 1, 0), // all of a plane
        new Pool2dGeometry(2, 1, 5, 6, 5, 3, 3, 2, 1, 2, 1, 0),
        new Pool2dGeometry(2, 3, 6, 6, 3, 3, 3, 3, 2, 2, 0, 0), // ceil mode
        new Pool2dGeometry(2, 3, 6, 6, 4, 4, 3, 3, 2, 2, 1, 1), // ceil mode, padding
        new Pool2dGeometry(1, 2, 18, 18, 1, 1, 17, 17, 17, 17, 0, 0), // more than 255 in a window
        pooling(0, 2, 4, 4, 2, 2, 0));
  }

  /** What is under one output. */
  private static void forEach(Pool2dGeometry p, Visitor visitor) {
    for (int k = 0; k < p.planes() * p.outHeight() * p.outWidth(); k++) {
      int left = k % p.outWidth() * p.strideWidth() - p.padWidth();
      int top = k / p.outWidth() % p.outHeight() * p.strideHeight() - p.padHeight();
      int plane = k / (p.outWidth() * p.outHeight());
      for (int row = top; row < top + p.kernelHeight(); row++) {
        for (int column = left; column < left + p.kernelWidth(); column++) {
          boolean inside = row >= 0 && row < p.height() && column >= 0 && column < p.width();
          boolean padding = row < p.height() + p.padHeight() && column < p.width() + p.padWidth();
          if (inside) {
            visitor.visit(k, (plane * p.height() + row) * p.width() + column);
          } else if (padding) {
            visitor.visit(k, -1);
          }
        }
      }
    }
  }

  /** Is shown each element of each window. */
  interface Visitor {
    /**
     * Sees an element.
     *
     * @param output the number of the window
     * @param input where the element stands, -1 in the padding
     */
    void visit(int output, int input);
  }

  private static int inputs(Pool2dGeometry p) {
    return p.planes() * p.height() * p.width();
  }

  private static int outputs(Pool2dGeometry p) {
    return p.planes() * p.outHeight() * p.outWidth();
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.PoolingContract#poolings")
  default void maxPool2d(Pool2dGeometry p) {
    double[] x = random(1, inputs(p));
    double[] gy = random(2, outputs(p));
    double[] expected = new double[outputs(p)];
    long[] places = new long[expected.length];
    Arrays.fill(expected, Double.NEGATIVE_INFINITY);
    forEach(
        p,
        (out, in) -> {
          if (in >= 0 && x[in] > expected[out]) {
            expected[out] = x[in];
            places[out] = in;
          }
        });
    double[] gx = new double[x.length];
    for (int i = 0; i < places.length; i++) {
      gx[(int) places[i]] += gy[i];
    }
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, expected.length);
      assertNull(backend().maxPool2d(p, buffer(dtype, x), y, false), "no places unless wanted");
      assertArrayEquals(expected, read(y));
      Buffer again = dirty(dtype, expected.length);
      Buffer noted = places(p, buffer(dtype, x), again);
      assertArrayEquals(expected, read(again));
      Buffer indices = dirty(DType.INT64, expected.length);
      backend().maxPool2dIndices(p, noted, indices);
      assertArrayEquals(places, readLongs(indices));
      Buffer gradient = dirty(dtype, x.length);
      backend().maxPool2dGradient(p, noted, buffer(dtype, gy), gradient);
      assertClose("gradient of max pool " + p, 9, gx, gradient);
    }
  }

  private Buffer places(Pool2dGeometry p, Buffer x, Buffer y) {
    return Objects.requireNonNull(backend().maxPool2d(p, x, y, true));
  }

  @Test
  default void maxPool2dOfEqualAndSpecialValues() {
    Pool2dGeometry p = pooling(1, 3, 2, 2, 2, 2, 0);
    double inf = Double.NEGATIVE_INFINITY;
    double[] x = {-4, -4, -4, -4, inf, inf, inf, inf, 1, Double.NaN, 3, 2};
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, 3);
      Buffer noted = places(p, buffer(dtype, x), y);
      Buffer indices = dirty(DType.INT64, 3);
      backend().maxPool2dIndices(p, noted, indices);
      assertArrayEquals(new double[] {-4, inf, Double.NaN}, read(y));
      assertArrayEquals(new long[] {0, 4, 9}, readLongs(indices));
    }
  }

  @Test
  default void maxPool2dOfEqualFiniteValues() {
    Pool2dGeometry p = pooling(1, 1, 2, 4, 2, 2, 0);
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, 2);
      Buffer noted = places(p, buffer(dtype, 0, 0, 7, 5, 0, 0, 7, 7), y);
      Buffer indices = dirty(DType.INT64, 2);
      backend().maxPool2dIndices(p, noted, indices);
      assertArrayEquals(new double[] {0, 7}, read(y));
      assertArrayEquals(new long[] {0, 2}, readLongs(indices), "the first of equals");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  default void avgPool2d(boolean countIncludePad) {
    poolings().forEach(p -> avgPool2d(p, countIncludePad));
  }

  private void avgPool2d(Pool2dGeometry p, boolean countIncludePad) {
    double[] x = random(1, inputs(p));
    double[] gy = random(2, outputs(p));
    double[] expected = new double[gy.length];
    double[] gx = new double[x.length];
    int[] counts = new int[gy.length];
    forEach(p, (out, in) -> counts[out] += in >= 0 || countIncludePad ? 1 : 0);
    forEach(
        p,
        (out, in) -> {
          if (in >= 0) {
            expected[out] += x[in] / counts[out];
            gx[in] += gy[out] / counts[out];
          }
        });
    int window = p.kernelHeight() * p.kernelWidth();
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, expected.length);
      backend().avgPool2d(p, countIncludePad, buffer(dtype, x), y);
      assertClose("means of " + p, window, expected, y);
      Buffer gradient = dirty(dtype, x.length);
      backend().avgPool2dGradient(p, countIncludePad, buffer(dtype, gy), gradient);
      assertClose("gradient of means of " + p, window, gx, gradient);
    }
  }
}
