// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of matrix products. */
interface MatrixContract extends BackendContract {
  @ParameterizedTest(name = "batch {0}, {1}x{3} by {3}x{2}")
  @CsvSource({
    "1,1,1,1",
    "1,3,5,7",
    "1,1,64,300",
    "1,64,1,33",
    "1,37,41,129",
    "3,2,4,5",
    "2,17,16,15",
    "1,4,3,0",
    "0,2,2,2",
    "2,0,3,4",
    "1,3,0,4"
  })
  default void matmul(int batch, int m, int n, int k) {
    for (int flags = 0; flags < 16; flags++) {
      matmul(
          new MatmulGeometry(
              batch,
              m,
              n,
              k,
              (flags & 1) != 0,
              (flags & 2) != 0,
              (flags & 4) != 0,
              (flags & 8) != 0));
    }
  }

  private void matmul(MatmulGeometry g) {
    double[] a = random(1, (g.repeatA() ? 1 : g.batch()) * g.m() * g.k());
    double[] b = random(2, (g.repeatB() ? 1 : g.batch()) * g.k() * g.n());
    double[] expected = new double[g.batch() * g.m() * g.n()];
    for (int i = 0; i < g.batch(); i++) {
      int atA = g.repeatA() ? 0 : i * g.m() * g.k();
      int atB = g.repeatB() ? 0 : i * g.k() * g.n();
      for (int row = 0; row < g.m(); row++) {
        for (int column = 0; column < g.n(); column++) {
          double sum = 0;
          for (int j = 0; j < g.k(); j++) {
            sum +=
                a[atA + (g.transposeA() ? j * g.m() + row : row * g.k() + j)]
                    * b[atB + (g.transposeB() ? column * g.k() + j : j * g.n() + column)];
          }
          expected[(i * g.m() + row) * g.n() + column] = sum;
        }
      }
    }
    for (DType dtype : types()) {
      Buffer c = dirty(dtype, expected.length);
      backend().matmul(g, buffer(dtype, a), buffer(dtype, b), c);
      assertClose(g.toString(), g.k(), expected, c);
      Buffer again = dirty(dtype, expected.length);
      backend().matmul(g, buffer(dtype, a), buffer(dtype, b), again);
      assertArrayEquals(read(c), read(again), "the same bits every time");
    }
  }

  @ParameterizedTest(name = "[{0}, {1}] to [{0}, {2}]")
  @CsvSource({
    "1,1,1",
    "3,7,5",
    "64,33,10",
    "5,17,150",
    "1,300,64",
    "40,64,128",
    "4,0,3",
    "0,3,2",
    "3,4,0"
  })
  default void linear(int rows, int in, int out) {
    var g = new LinearGeometry(rows, in, out);
    double[] x = random(1, rows * in);
    double[] weight = random(2, out * in);
    double[] bias = random(3, out);
    double[] plain = new double[rows * out];
    double[] shifted = new double[rows * out];
    for (int i = 0; i < plain.length; i++) {
      for (int j = 0; j < in; j++) {
        plain[i] += x[i / out * in + j] * weight[i % out * in + j];
      }
      shifted[i] = plain[i] + bias[i % out];
    }
    double[] relu = Arrays.stream(shifted).map(v -> Math.max(0, v)).toArray();
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, plain.length);
      backend().linear(g, buffer(dtype, x), buffer(dtype, weight), null, false, y);
      assertClose(g + " without bias", in, plain, y);
      Buffer z = dirty(dtype, plain.length);
      backend().linear(g, buffer(dtype, x), buffer(dtype, weight), buffer(dtype, bias), false, z);
      assertClose(g.toString(), in, shifted, z);
      backend().linear(g, buffer(dtype, x), buffer(dtype, weight), buffer(dtype, bias), true, z);
      assertClose("relu of " + g, in, relu, z);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  default void linearKeepsNaNAndInfinitiesOfTheBias(boolean relu) {
    double[] bias = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1};
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, 4);
      backend()
          .linear(
              new LinearGeometry(1, 2, 4),
              buffer(dtype, 1, 2),
              buffer(dtype, 1, 1, 1, 1, 1, 1, 1, 1),
              buffer(dtype, bias),
              relu,
              y);
      double lowest = relu ? 0 : Double.NEGATIVE_INFINITY;
      assertArrayEquals(new double[] {Double.NaN, Double.POSITIVE_INFINITY, lowest, 4}, read(y));
    }
  }
}
