// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Map;

/** {@code mma}, {@code wmma}, {@code ldmatrix}. */
final class TensorCores {
  private TensorCores() {}

  static void register(Map<String, Decoder> decoders) {}
}
