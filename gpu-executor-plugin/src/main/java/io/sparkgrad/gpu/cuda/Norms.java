// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.LayerNormGeometry;
import org.jspecify.annotations.Nullable;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Norms {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Norms(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void batchNorm(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    throw new UnsupportedOperationException("batchNorm");
  }

  void batchNormGradient(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    throw new UnsupportedOperationException("batchNormGradient");
  }

  void layerNorm(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    throw new UnsupportedOperationException("layerNorm");
  }

  void layerNormGradient(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    throw new UnsupportedOperationException("layerNormGradient");
  }
}
