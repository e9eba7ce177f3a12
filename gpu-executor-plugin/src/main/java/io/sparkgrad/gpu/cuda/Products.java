// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import org.jspecify.annotations.Nullable;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Products {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Products(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void matmul(MatmulGeometry geometry, Buffer a, Buffer b, Buffer c) {
    throw new UnsupportedOperationException("matmul");
  }

  void linear(
      LinearGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      boolean relu,
      Buffer y) {
    throw new UnsupportedOperationException("linear");
  }
}
