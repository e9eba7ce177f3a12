// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

/**
 * Products by the Vector API; only {@link Matmul} makes one, and only where the module is. A result
 * of one column is computed as one row, which lies in memory as the column does: vectors run along
 * rows.
 */
final class VectorGemm implements Gemm {
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
    if (s.n() == 1 && s.m() > 1) {
      sgemm(s.swapped(), b, bOffset, a, aOffset, accumulate, c, cOffset);
    } else {
      new VectorSgemm(s, a, aOffset, b, bOffset, c, cOffset).run(accumulate);
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
    if (s.n() == 1 && s.m() > 1) {
      dgemm(s.swapped(), b, bOffset, a, aOffset, accumulate, c, cOffset);
    } else {
      new VectorDgemm(s, a, aOffset, b, bOffset, c, cOffset).run(accumulate);
    }
  }
}
