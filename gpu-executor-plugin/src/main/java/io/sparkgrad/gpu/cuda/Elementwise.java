// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.GeluKernel;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.Shape;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Elementwise {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Elementwise(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void cast(Buffer source, Buffer target) {
    throw new UnsupportedOperationException("cast");
  }

  void copy(Shape region, Buffer source, Layout from, Buffer target, Layout to) {
    throw new UnsupportedOperationException("copy");
  }

  void unary(UnaryKernel kernel, double p, Buffer x, Buffer y) {
    throw new UnsupportedOperationException("unary");
  }

  void binary(
      BinaryKernel kernel, Buffer a, Shape aShape, Buffer b, Shape bShape, Buffer y, Shape yShape) {
    throw new UnsupportedOperationException("binary");
  }

  void reluGradient(Buffer y, Buffer g, Buffer gx) {
    throw new UnsupportedOperationException("reluGradient");
  }

  void gelu(GeluKernel kernel, Buffer x, Buffer y) {
    throw new UnsupportedOperationException("gelu");
  }

  void geluGradient(GeluKernel kernel, Buffer x, Buffer yGradient, Buffer xGradient) {
    throw new UnsupportedOperationException("geluGradient");
  }

  void axpy(double alpha, Buffer x, Buffer y) {
    throw new UnsupportedOperationException("axpy");
  }
}
