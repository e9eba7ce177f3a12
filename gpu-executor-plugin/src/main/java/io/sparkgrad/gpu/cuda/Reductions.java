// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.shape.Shape;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Reductions {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Reductions(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void reduce(ReduceKernel kernel, Buffer x, Shape xShape, boolean[] axes, Buffer y) {
    throw new UnsupportedOperationException("reduce");
  }

  void scanLastAxis(ReduceKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    throw new UnsupportedOperationException("scanLastAxis");
  }

  void argmaxLastAxis(Buffer x, long rows, long columns, Buffer indices) {
    throw new UnsupportedOperationException("argmaxLastAxis");
  }
}
