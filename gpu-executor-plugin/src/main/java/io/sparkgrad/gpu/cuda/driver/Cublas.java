// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.MatmulPrecision;

/**
 * NVIDIA's library of matrix products, for the work of one stream. The same product of the same
 * operands has the same bits with the same version of the library on the same model of GPU: that is
 * what cuBLAS promises as long as a handle has one stream and a workspace of its own.
 */
public interface Cublas {
  /** As NVIDIA writes it: {@code 12.6.4}. */
  String version();

  /**
   * The fewest multiplications, batch·m·n·k, for which a call gains more than it costs the host and
   * the graphs of kernels that it comes between.
   */
  long leastMultiplications();

  /**
   * Enqueues a product of row-major matrices at addresses of the device.
   *
   * @param g of no empty matrices
   * @param dtype FLOAT32 or FLOAT64, of operands and result
   * @param precision to what FLOAT32 operands may be rounded; sums are FLOAT32 whatever it is
   * @param c written whole
   * @throws CudaException if the call fails
   */
  void multiply(MatmulGeometry g, DType dtype, MatmulPrecision precision, long a, long b, long c);
}
