// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulPrecision;

/** How kernels for products multiply, which decides what tiles there are. */
enum Arithmetic {
  FP32("sm75", "", 64, 128, 1.3, 64),
  FP64("sm75", "", 64, 64, 1, 64),
  TF32("sm80", "_tf32", 128, 128, 1.5, 192),
  BF16("sm80", "_bf16", 128, 128, 1.5, 192);

  /** The first GPU whose tensor cores take TF32 and bf16. */
  private static final int TENSOR_CORES = 80;

  private final String level;
  private final String suffix;

  /** Of the large tile; the small one is 64×64. */
  final int rows;

  final int columns;

  /** How much longer a product takes in the small tile, where operands are read more often. */
  final double smallTile;

  /** Products that take as long as writing a sum and adding it to others. */
  final int sum;

  Arithmetic(String level, String suffix, int rows, int columns, double smallTile, int sum) {
    this.level = level;
    this.suffix = suffix;
    this.rows = rows;
    this.columns = columns;
    this.smallTile = smallTile;
    this.sum = sum;
  }

  static Arithmetic of(DType dtype, int computeCapability) {
    if (dtype == DType.FLOAT64) {
      return FP64;
    }
    return switch (precision(computeCapability)) {
      case FP32 -> FP32;
      case TF32 -> TF32;
      case BF16 -> BF16;
    };
  }

  /** That of the calling thread where the GPU has it. */
  static MatmulPrecision precision(int computeCapability) {
    return computeCapability < TENSOR_CORES ? MatmulPrecision.FP32 : MatmulPrecision.get();
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
