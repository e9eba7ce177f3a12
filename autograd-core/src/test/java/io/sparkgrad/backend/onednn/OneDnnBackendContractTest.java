// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendContractTest;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.backend.ThreadSetting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/**
 * All of the contract with everything in native memory, again as users get it, and again with
 * everything cut into slices for several threads.
 */
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

  private static final Backend SLICED =
      new OneDnnBackend(new OneDnnBackend.Thresholds(0, 0, new Slices.Least(1, 1, 1, 1)));

  @Nested
  class TwoThreads extends BackendContractTest {
    private final ThreadSetting.Scope threads = CpuThreads.setNumThreads(2);

    @Override
    public Backend backend() {
      return SLICED;
    }

    @AfterEach
    void close() {
      threads.close();
    }
  }

  @Nested
  class ThreeThreads extends BackendContractTest {
    private final ThreadSetting.Scope threads = CpuThreads.setNumThreads(3);

    @Override
    public Backend backend() {
      return SLICED;
    }

    @AfterEach
    void close() {
      threads.close();
    }
  }
}
