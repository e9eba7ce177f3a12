// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendContractTest;

/** What every backend has to do, by the kernels' PTX on the emulator. */
class CudaBackendContractTest extends BackendContractTest {
  private static final Backend BACKEND = EmulatedGpu.backend();

  @Override
  public Backend backend() {
    return BACKEND;
  }
}
