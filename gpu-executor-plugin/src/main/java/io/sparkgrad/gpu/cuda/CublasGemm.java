// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.gpu.cuda.driver.Cublas;
import java.lang.ref.Reference;

/** Large matrix products by cuBLAS, and the others by what else there is. */
final class CublasGemm implements Gemm {
  /**
   * The shortest sums that are worth another pass over the result for its finish, which own kernels
   * do without: 8 bytes take an H100 as long as 80 multiplications in FP32 or 600 in TF32, by its
   * peaks. Reckoned, not measured.
   */
  private static final int LEAST_K_BEFORE_FINISH = 512;

  private final Kernels kernels;
  private final DeviceMemory memory;
  private final Cublas cublas;
  private final Gemm others;

  CublasGemm(Kernels kernels, DeviceMemory memory, Cublas cublas, Gemm others) {
    this.kernels = kernels;
    this.memory = memory;
    this.cublas = cublas;
    this.others = others;
  }

  @Override
  public void product(MatmulGeometry g, Buffer a, Buffer b, Finish finish, Buffer c) {
    double multiplications = (double) g.batch() * g.m() * g.n() * g.k();
    boolean isLarge = multiplications >= cublas.leastMultiplications();
    if (!isLarge || (!finish.isNothing() && g.k() < LEAST_K_BEFORE_FINISH)) {
      others.product(g, a, b, finish, c);
      return;
    }
    multiply(g, a, b, c);
    if (!finish.isNothing()) {
      SplitSums.finish(kernels, finish, c);
    }
  }

  private void multiply(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    try {
      long aAddress = CudaBuffer.of(a).address();
      long bAddress = CudaBuffer.of(b).address();
      long cAddress = CudaBuffer.of(c).overwrite();
      kernels.flush(); // with what zeroed the operands just now, and what used this memory before
      multiply(g, c.dtype(), aAddress, bAddress, cAddress);
    } finally { // from now on their memory may be given back
      Reference.reachabilityFence(a);
      Reference.reachabilityFence(b);
      Reference.reachabilityFence(c);
    }
  }

  private void multiply(MatmulGeometry g, DType dtype, long a, long b, long c) {
    int capability = kernels.driver().device().computeCapability();
    MatmulPrecision precision = Arithmetic.precision(capability);
    // cuBLAS loads its kernels when they are needed, into what the pool has left of the device
    memory.makingRoom(
        () -> {
          cublas.multiply(g, dtype, precision, a, b, c);
          return c;
        });
  }
}
