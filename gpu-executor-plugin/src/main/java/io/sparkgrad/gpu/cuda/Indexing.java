// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Indexing {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Indexing(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void gatherRows(Buffer x, long columns, Buffer indices, Buffer y) {
    throw new UnsupportedOperationException("gatherRows");
  }

  void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y) {
    throw new UnsupportedOperationException("scatterAddRows");
  }
}
