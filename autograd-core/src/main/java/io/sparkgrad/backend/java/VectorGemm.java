// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

/**
 * Products by the Vector API; only {@link Matmul} makes one, and only where the module is. Small
 * ones are not worth vectors; they are summed in the same order, to the same bits.
 */
final class VectorGemm implements Gemm {
  /** Products of fewer multiplications are done before vectors would be set up. */
  private static final long SMALL = 512;

  private static boolean isSmall(GemmShape s) {
    return (long) s.m() * s.n() * s.k() < SMALL;
  }

  @Override
  public void sgemm(
      GemmShape s,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      boolean accumulate,
      float[] c,
      int cOffset) {
    if (isSmall(s)) {
      small(s, a, aOffset, b, bOffset, accumulate, c, cOffset);
    } else {
      VectorSgemm.of(s, a, aOffset, b, bOffset, c, cOffset).run(accumulate);
    }
  }

  @Override
  public void dgemm(
      GemmShape s,
      double[] a,
      int aOffset,
      double[] b,
      int bOffset,
      boolean accumulate,
      double[] c,
      int cOffset) {
    if (isSmall(s)) {
      small(s, a, aOffset, b, bOffset, accumulate, c, cOffset);
    } else {
      VectorDgemm.of(s, a, aOffset, b, bOffset, c, cOffset).run(accumulate);
    }
  }

  private static void small(
      GemmShape s,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      boolean accumulate,
      float[] c,
      int cOffset) {
    int aRow = s.transposeA() ? 1 : s.k();
    int aStep = s.transposeA() ? s.m() : 1;
    int bColumn = s.transposeB() ? s.k() : 1;
    int bStep = s.transposeB() ? 1 : s.n();
    for (int i = 0; i < s.m(); i++) {
      for (int j = 0; j < s.n(); j++) {
        int at = cOffset + i * s.n() + j;
        float result = accumulate ? c[at] : 0;
        for (int start = 0; start < s.k(); start += VectorSgemm.DEPTH) {
          float run = 0;
          for (int p = start; p < Math.min(s.k(), start + VectorSgemm.DEPTH); p++) {
            float x = a[aOffset + i * aRow + p * aStep];
            run = Math.fma(x, b[bOffset + j * bColumn + p * bStep], run);
          }
          result = accumulate || start > 0 ? result + run : run;
        }
        c[at] = result;
      }
    }
  }

  private static void small(
      GemmShape s,
      double[] a,
      int aOffset,
      double[] b,
      int bOffset,
      boolean accumulate,
      double[] c,
      int cOffset) {
    int aRow = s.transposeA() ? 1 : s.k();
    int aStep = s.transposeA() ? s.m() : 1;
    int bColumn = s.transposeB() ? s.k() : 1;
    int bStep = s.transposeB() ? 1 : s.n();
    for (int i = 0; i < s.m(); i++) {
      for (int j = 0; j < s.n(); j++) {
        int at = cOffset + i * s.n() + j;
        double result = accumulate ? c[at] : 0;
        for (int start = 0; start < s.k(); start += VectorDgemm.DEPTH) {
          double run = 0;
          for (int p = start; p < Math.min(s.k(), start + VectorDgemm.DEPTH); p++) {
            double x = a[aOffset + i * aRow + p * aStep];
            run = Math.fma(x, b[bOffset + j * bColumn + p * bStep], run);
          }
          result = accumulate || start > 0 ? result + run : run;
        }
        c[at] = result;
      }
    }
  }
}
