// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
