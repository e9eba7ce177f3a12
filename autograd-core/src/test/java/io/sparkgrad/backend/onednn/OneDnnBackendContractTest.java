// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendContractTest;
import org.junit.jupiter.api.Nested;

/** All of the contract with everything in native memory, and again as users get it. */
class OneDnnBackendContractTest {
  @Nested
  class EverythingNative extends BackendContractTest {
    private static final Backend BACKEND = new OneDnnBackend(new OneDnnBackend.Thresholds(0, 0));

    @Override
    public Backend backend() {
      return BACKEND;
    }
  }

  @Nested
  class LargeThingsNative extends BackendContractTest {
    private static final Backend BACKEND = new OneDnnBackendProvider().open(0);

    @Override
    public Backend backend() {
      return BACKEND;
    }
  }
}
