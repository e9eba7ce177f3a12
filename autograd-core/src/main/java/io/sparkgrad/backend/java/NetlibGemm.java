// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.Arrays;

/**
 * Row-major matrix products over netlib's column-major BLAS: a row-major C is a column-major Cᵀ,
 * and {@code Cᵀ = op(B)ᵀ· op(A)ᵀ}, so the operands change places and keep their transposes.
 */
final class NetlibGemm implements Gemm {
  private static final BLAS BLAS_IN_JAVA = JavaBLAS.getInstance();

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
    if (s.m() == 0 || s.n() == 0) {
      return;
    }
    if (s.k() == 0) {
      if (!accumulate) {
        Arrays.fill(c, cOffset, cOffset + s.m() * s.n(), 0f);
      }
      return;
    }
    BLAS_IN_JAVA.sgemm(
        s.transposeB() ? "T" : "N",
        s.transposeA() ? "T" : "N",
        s.n(),
        s.m(),
        s.k(),
        1f,
        b,
        bOffset,
        s.transposeB() ? s.k() : s.n(),
        a,
        aOffset,
        s.transposeA() ? s.m() : s.k(),
        accumulate ? 1f : 0f,
        c,
        cOffset,
        s.n());
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
    if (s.m() == 0 || s.n() == 0) {
      return;
    }
    if (s.k() == 0) {
      if (!accumulate) {
        Arrays.fill(c, cOffset, cOffset + s.m() * s.n(), 0);
      }
      return;
    }
    BLAS_IN_JAVA.dgemm(
        s.transposeB() ? "T" : "N",
        s.transposeA() ? "T" : "N",
        s.n(),
        s.m(),
        s.k(),
        1,
        b,
        bOffset,
        s.transposeB() ? s.k() : s.n(),
        a,
        aOffset,
        s.transposeA() ? s.m() : s.k(),
        accumulate ? 1 : 0,
        c,
        cOffset,
        s.n());
  }
}
