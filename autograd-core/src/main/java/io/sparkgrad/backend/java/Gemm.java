// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

/**
 * Multiplies matrices that start at offsets of their arrays. The result is written to C or, with
 * {@code accumulate}, added to it.
 */
interface Gemm {
  void sgemm(
      GemmShape shape,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      boolean accumulate,
      float[] c,
      int cOffset);

  void dgemm(
      GemmShape shape,
      double[] a,
      int aOffset,
      double[] b,
      int bOffset,
      boolean accumulate,
      double[] c,
      int cOffset);
}
