// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class Transfers {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Transfers(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void upload(double[] source, Buffer target) {
    throw new UnsupportedOperationException("upload");
  }

  void upload(float[] source, int offset, Buffer target) {
    throw new UnsupportedOperationException("upload");
  }

  void upload(long[] source, Buffer target) {
    throw new UnsupportedOperationException("upload");
  }

  void download(Buffer source, double[] target) {
    throw new UnsupportedOperationException("download");
  }

  void download(Buffer source, float[] target, int offset) {
    throw new UnsupportedOperationException("download");
  }

  void download(Buffer source, long[] target) {
    throw new UnsupportedOperationException("download");
  }

  void fill(Buffer target, double value) {
    throw new UnsupportedOperationException("fill");
  }
}
