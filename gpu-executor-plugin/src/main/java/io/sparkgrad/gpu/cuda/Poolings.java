// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Pool2dGeometry;
import org.jspecify.annotations.Nullable;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Poolings {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Poolings(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  @Nullable Buffer maxPool2d(Pool2dGeometry geometry, Buffer x, Buffer y, boolean places) {
    throw new UnsupportedOperationException("maxPool2d");
  }

  void maxPool2dGradient(
      Pool2dGeometry geometry, Buffer places, Buffer yGradient, Buffer xGradient) {
    throw new UnsupportedOperationException("maxPool2dGradient");
  }

  void maxPool2dIndices(Pool2dGeometry geometry, Buffer places, Buffer indices) {
    throw new UnsupportedOperationException("maxPool2dIndices");
  }

  void avgPool2d(Pool2dGeometry geometry, boolean countIncludePad, Buffer x, Buffer y) {
    throw new UnsupportedOperationException("avgPool2d");
  }

  void avgPool2dGradient(
      Pool2dGeometry geometry, boolean countIncludePad, Buffer yGradient, Buffer xGradient) {
    throw new UnsupportedOperationException("avgPool2dGradient");
  }
}
