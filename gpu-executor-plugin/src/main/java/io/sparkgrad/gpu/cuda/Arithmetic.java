// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulPrecision;

/** How kernels for products multiply, which decides what tiles there are. */
enum Arithmetic {
  FP32("sm75", "", 64, 128, 16),
  FP64("sm75", "", 64, 64, 16),
  TF32("sm80", "_tf32", 128, 128, 16),
  BF16("sm80", "_bf16", 128, 128, 32);

  /** The first GPU whose tensor cores take TF32 and bf16. */
  private static final int TENSOR_CORES = 80;

  private final String level;
  private final String suffix;

  /** Of the large tile; the small one is 64×64. */
  final int rows;

  final int columns;

  /** What a step takes along k. */
  final int step;

  Arithmetic(String level, String suffix, int rows, int columns, int step) {
    this.level = level;
    this.suffix = suffix;
    this.rows = rows;
    this.columns = columns;
    this.step = step;
  }

  /** That of the calling thread where the GPU has it. */
  static Arithmetic of(DType dtype, int computeCapability) {
    if (dtype == DType.FLOAT64) {
      return FP64;
    }
    if (computeCapability < TENSOR_CORES) {
      return FP32;
    }
    return switch (MatmulPrecision.get()) {
      case FP32 -> FP32;
      case TF32 -> TF32;
      case BF16 -> BF16;
    };
  }

  /** The file of a family of kernels. */
  String file(String family) {
    return family + "." + level;
  }

  /** A kernel's name but for the type of its operands. */
  String entry(String kernel) {
    return kernel + suffix;
  }
}
