// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import org.jspecify.annotations.Nullable;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Convolutions {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Convolutions(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void conv2d(Conv2dGeometry geometry, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    throw new UnsupportedOperationException("conv2d");
  }

  void conv2dInputGradient(
      Conv2dGeometry geometry, Buffer yGradient, Buffer weight, Buffer xGradient) {
    throw new UnsupportedOperationException("conv2dInputGradient");
  }

  void conv2dWeightGradient(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer yGradient,
      Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    throw new UnsupportedOperationException("conv2dWeightGradient");
  }
}
