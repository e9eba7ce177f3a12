// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.device;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import org.junit.jupiter.api.Assumptions;

/** The GPU that tests run on: the first one. */
final class Gpu {
  private Gpu() {}

  /** Skips the calling test, with the reason, where there is none. */
  static Backend backend() {
    return Backends.gpu(0)
        .map(Backends.Selection::backend)
        .orElseGet(() -> Assumptions.abort(Backends.gpuUnavailableReason()));
  }

  static boolean isMissing() {
    return Backends.gpu(0).isEmpty();
  }
}
