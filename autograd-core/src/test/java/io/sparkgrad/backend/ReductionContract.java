// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Reductions and what works along the last axis or on rows. */
interface ReductionContract extends BackendContract {
  static Stream<Arguments> reductions() {
    return Stream.of(
        Arguments.of(Shape.scalar(), new int[] {}),
        Arguments.of(Shape.of(1), new int[] {0}),
        Arguments.of(Shape.of(4099), new int[] {0}),
        Arguments.of(Shape.of(5, 7), new int[] {0}),
        Arguments.of(Shape.of(5, 7), new int[] {1}),
        Arguments.of(Shape.of(5, 7), new int[] {0, 1}),
        Arguments.of(Shape.of(3, 4, 5, 6), new int[] {0, 2, 3}),
        Arguments.of(Shape.of(3, 4, 5, 6), new int[] {1}),
        Arguments.of(Shape.of(3, 4, 5, 6), new int[] {0, 3}),
        Arguments.of(Shape.of(2, 1, 300), new int[] {1, 2}),
        Arguments.of(Shape.of(2, 1, 300), new int[] {0}),
        Arguments.of(Shape.of(37, 2100), new int[] {0}),
        Arguments.of(Shape.of(100, 70), new int[] {0}),
        Arguments.of(Shape.of(70, 100), new int[] {1}),
        Arguments.of(Shape.of(3, 35, 66), new int[] {1}),
        Arguments.of(Shape.of(2, 3, 2, 3, 2, 3), new int[] {0, 2, 4}),
        Arguments.of(Shape.of(2, 3, 2, 3, 2), new int[] {1, 3}),
        Arguments.of(Shape.of(0, 3), new int[] {0}),
        Arguments.of(Shape.of(3, 0), new int[] {0}));
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.ReductionContract#reductions")
  default void reduce(Shape shape, int[] axes) {
    boolean[] mask = new boolean[shape.rank()];
    Arrays.stream(axes).forEach(a -> mask[a] = true);
    double[] x = random(1, (int) shape.numel());
    Shape result = shape.reduced(mask, false);
    Shape kept = shape.reduced(mask, true);
    int summands = result.numel() == 0 ? 0 : (int) (shape.numel() / result.numel());
    for (ReduceKernel kernel : ReduceKernel.values()) {
      double[] expected = new double[(int) result.numel()];
      Arrays.fill(expected, start(kernel));
      for (int i = 0; i < x.length; i++) {
        int at = ElementwiseContract.position(kept, shape, i);
        expected[at] = combined(kernel, expected[at], x[i]);
      }
      for (DType dtype : types()) {
        Buffer y = dirty(dtype, expected.length);
        backend().reduce(kernel, buffer(dtype, x), shape, mask, y);
        assertClose(kernel + " " + shape + Arrays.toString(axes), summands, expected, y);
        Buffer again = dirty(dtype, expected.length);
        backend().reduce(kernel, buffer(dtype, x), shape, mask, again);
        assertArrayEquals(read(y), read(again), "the same bits every time");
      }
    }
  }

  static double start(ReduceKernel kernel) {
    return kernel == ReduceKernel.MAX
        ? Double.NEGATIVE_INFINITY
        : kernel == ReduceKernel.SUM ? 0 : 1;
  }

  static double combined(ReduceKernel kernel, double a, double b) {
    return switch (kernel) {
      case SUM -> a + b;
      case MAX -> Math.max(a, b);
      case PROD -> a * b;
    };
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,5", "2,1000", "0,3", "3,0"})
  default void scan(int rows, int columns) {
    double[] x = random(1, rows * columns);
    for (ReduceKernel kernel : ReduceKernel.values()) {
      double[] expected = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        double before = i % columns == 0 ? start(kernel) : expected[i - 1];
        expected[i] = combined(kernel, before, x[i]);
      }
      for (DType dtype : types()) {
        Buffer y = dirty(dtype, x.length);
        backend().scanLastAxis(kernel, buffer(dtype, x), rows, columns, y);
        assertClose("scan " + kernel, columns, expected, y);
      }
    }
  }

  @Test
  default void sumsAndMaximaOfNaNAndInfinities() {
    double inf = Double.POSITIVE_INFINITY;
    double[] x = {1, Double.NaN, 3, -inf, 1, inf, 3, inf, 1, 2, -inf, -inf};
    for (DType dtype : types()) {
      for (int axis : new int[] {0, 1}) {
        boolean[] mask = {axis == 0, axis == 1};
        Buffer sums = dirty(dtype, axis == 0 ? 4 : 3);
        Buffer maxima = dirty(dtype, axis == 0 ? 4 : 3);
        backend().reduce(ReduceKernel.SUM, buffer(dtype, x), Shape.of(3, 4), mask, sums);
        backend().reduce(ReduceKernel.MAX, buffer(dtype, x), Shape.of(3, 4), mask, maxima);
        double nan = Double.NaN;
        double[] sum = axis == 0 ? new double[] {3, nan, -inf, nan} : new double[] {nan, inf, -inf};
        double[] max = axis == 0 ? new double[] {1, nan, 3, inf} : new double[] {nan, inf, 2};
        assertArrayEquals(sum, read(sums));
        assertArrayEquals(max, read(maxima));
      }
    }
  }

  @Test
  default void maximumSeesNaN() {
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, 1);
      backend()
          .reduce(
              ReduceKernel.MAX,
              buffer(dtype, 1, Double.NaN, 3),
              Shape.of(3),
              new boolean[] {true},
              y);
      assertClose("max", 1, new double[] {Double.NaN}, y);
    }
  }

  @Test
  default void argmax() {
    double[] x = {1, 3, 3, -2, Double.NEGATIVE_INFINITY, -5, 9, Double.NaN, Double.NaN};
    for (DType dtype : types()) {
      Buffer indices = dirty(DType.INT64, 3);
      backend().argmaxLastAxis(buffer(dtype, x), 3, 3, indices);
      assertArrayEquals(new long[] {1, 0, 1}, readLongs(indices));
      double[] wide = random(3, 2 * 1000);
      wide[777] = 2;
      wide[1000 + 999] = 2;
      Buffer two = dirty(DType.INT64, 2);
      backend().argmaxLastAxis(buffer(dtype, wide), 2, 1000, two);
      assertArrayEquals(new long[] {777, 999}, readLongs(two));
    }
  }

  @ParameterizedTest
  @CsvSource({"4,1", "4,3", "5,257", "3,0"})
  default void rows(int rows, int columns) {
    long[] chosen = {2, 0, 2, 1, 2};
    double[] x = random(1, rows * columns);
    double[] expected = new double[chosen.length * columns];
    double[] g = random(2, chosen.length * columns);
    double[] sums = random(3, rows * columns);
    for (DType dtype : types()) {
      double[] start = sums.clone();
      for (int i = 0; i < chosen.length; i++) {
        for (int c = 0; c < columns; c++) {
          expected[i * columns + c] = x[(int) chosen[i] * columns + c];
          start[(int) chosen[i] * columns + c] += g[i * columns + c];
        }
      }
      Buffer y = dirty(dtype, expected.length);
      backend().gatherRows(buffer(dtype, x), columns, indices(chosen), y);
      assertArrayEquals(expected, read(y));
      Buffer added = buffer(dtype, sums);
      backend().scatterAddRows(buffer(dtype, g), columns, indices(chosen), added);
      assertClose("scatterAddRows", 4, start, added);
    }
    Buffer longs = dirty(DType.INT64, 2);
    backend().gatherRows(indices(5, 6, Long.MAX_VALUE), 1, indices(2, 0), longs);
    assertArrayEquals(new long[] {Long.MAX_VALUE, 5}, readLongs(longs));
  }
}
