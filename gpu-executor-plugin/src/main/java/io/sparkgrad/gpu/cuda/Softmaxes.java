// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SoftmaxKernel;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Softmaxes {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Softmaxes(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void softmaxLastAxis(SoftmaxKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    throw new UnsupportedOperationException("softmaxLastAxis");
  }

  void softmaxGradientLastAxis(
      SoftmaxKernel kernel, Buffer y, Buffer yGradient, long rows, long columns, Buffer xGradient) {
    throw new UnsupportedOperationException("softmaxGradientLastAxis");
  }
}
