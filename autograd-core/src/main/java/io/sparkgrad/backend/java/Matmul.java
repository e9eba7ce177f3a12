// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;
import java.util.Arrays;

/**
 * Row-major matrix products over netlib's column-major BLAS: a row-major C is a column-major Cᵀ,
 * and {@code Cᵀ = op(B)ᵀ· op(A)ᵀ}, so the operands change places and keep their transposes.
 */
final class Matmul {
  private static final BLAS BLAS_IN_JAVA = JavaBLAS.getInstance();

  private Matmul() {}

  static void matmul(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    int aStep = g.repeatA() ? 0 : g.m() * g.k();
    int bStep = g.repeatB() ? 0 : g.k() * g.n();
    int cStep = g.m() * g.n();
    for (int i = 0; i < g.batch(); i++) {
      if (a.dtype() == DType.FLOAT32) {
        sgemm(
            g.transposeA(),
            g.transposeB(),
            g.m(),
            g.n(),
            g.k(),
            HeapBuffer.floats(a),
            i * aStep,
            HeapBuffer.floats(b),
            i * bStep,
            0f,
            HeapBuffer.floats(c),
            i * cStep);
      } else {
        dgemm(
            g,
            HeapBuffer.doubles(a),
            i * aStep,
            HeapBuffer.doubles(b),
            i * bStep,
            HeapBuffer.doubles(c),
            i * cStep);
      }
    }
  }

  /** {@code C = op(A)·op(B) + beta·C}, row-major, dense, at offsets. */
  static void sgemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float beta,
      float[] c,
      int cOffset) {
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      if (beta == 0) {
        Arrays.fill(c, cOffset, cOffset + m * n, 0f);
      }
      return;
    }
    BLAS_IN_JAVA.sgemm(
        transposeB ? "T" : "N",
        transposeA ? "T" : "N",
        n,
        m,
        k,
        1f,
        b,
        bOffset,
        transposeB ? k : n,
        a,
        aOffset,
        transposeA ? m : k,
        beta,
        c,
        cOffset,
        n);
  }

  private static void dgemm(
      MatmulGeometry g, double[] a, int aOffset, double[] b, int bOffset, double[] c, int cOffset) {
    if (g.m() == 0 || g.n() == 0) {
      return;
    }
    if (g.k() == 0) {
      Arrays.fill(c, cOffset, cOffset + g.m() * g.n(), 0);
      return;
    }
    BLAS_IN_JAVA.dgemm(
        g.transposeB() ? "T" : "N",
        g.transposeA() ? "T" : "N",
        g.n(),
        g.m(),
        g.k(),
        1,
        b,
        bOffset,
        g.transposeB() ? g.k() : g.n(),
        a,
        aOffset,
        g.transposeA() ? g.m() : g.k(),
        0,
        c,
        cOffset,
        g.n());
  }
}
