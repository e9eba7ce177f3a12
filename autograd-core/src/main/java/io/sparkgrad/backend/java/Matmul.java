// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;

/** Products of batches of matrices, and the choice of who computes a product. */
final class Matmul {
  private static final System.Logger LOG = System.getLogger(Matmul.class.getName());

  /** Computes all products of this JVM; its choice decides roundings, so there is only one. */
  static final Gemm GEMM = fastest();

  private Matmul() {}

  /**
   * By name, and only where the JVM was started with the Vector API: a class that uses it cannot
   * even be loaded elsewhere.
   */
  private static Gemm fastest() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      try {
        Class<?> gemm = Class.forName(Matmul.class.getPackageName() + ".VectorGemm");
        return (Gemm) gemm.getDeclaredConstructor().newInstance();
      } catch (ReflectiveOperationException | LinkageError e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "java backend: this JVM's Vector API does not fit, plain loops compute products: " + e,
            e);
      }
    }
    return new NetlibGemm();
  }

  static void matmul(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    GemmShape shape = new GemmShape(g.transposeA(), g.transposeB(), g.m(), g.n(), g.k());
    int aStep = g.repeatA() ? 0 : g.m() * g.k();
    int bStep = g.repeatB() ? 0 : g.k() * g.n();
    int cStep = g.m() * g.n();
    for (int i = 0; i < g.batch(); i++) {
      if (a.dtype() == DType.FLOAT32) {
        GEMM.sgemm(
            shape,
            HeapBuffer.floats(a),
            i * aStep,
            HeapBuffer.floats(b),
            i * bStep,
            false,
            HeapBuffer.floats(c),
            i * cStep);
      } else {
        GEMM.dgemm(
            shape,
            HeapBuffer.doubles(a),
            i * aStep,
            HeapBuffer.doubles(b),
            i * bStep,
            false,
            HeapBuffer.doubles(c),
            i * cStep);
      }
    }
  }
}
