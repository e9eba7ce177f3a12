// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendContractTest;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;

/**
 * What every backend has to do, by the kernels for tensor cores where there are such, without
 * graphs, on an emulated GPU that does nothing before somebody waits for it.
 */
class LazyCudaBackendContractTest extends BackendContractTest {
  private static final Backend BACKEND =
      EmulatedGpu.backend(
          new EmulatedCudaDriver(80, 1L << 30, EmulatedCudaDriver.Work.LAZY), false);

  @Override
  public Backend backend() {
    return BACKEND;
  }
}
