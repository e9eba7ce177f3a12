// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.device;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendContractTest;
import org.junit.jupiter.api.Tag;

/** What every backend has to do, on a GPU. */
@Tag("gpu")
class GpuContractTest extends BackendContractTest {
  @Override
  public Backend backend() {
    return Gpu.backend();
  }
}
