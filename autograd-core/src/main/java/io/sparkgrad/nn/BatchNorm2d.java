// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

/** {@link BatchNorm} of {@code [n, channels, height, width]}. */
public final class BatchNorm2d extends BatchNorm {
  public BatchNorm2d(int numFeatures) {
    this(numFeatures, BatchNormOptions.DEFAULT);
  }

  public BatchNorm2d(int numFeatures, BatchNormOptions options) {
    super(numFeatures, options);
  }

  static BatchNorm2d fromJson(LayerArguments a) {
    return new BatchNorm2d(a.integer("num_features", 1), BatchNormOptions.fromJson(a));
  }

  @Override
  boolean accepts(int rank) {
    return rank == 4;
  }

  @Override
  String expected() {
    return "4D";
  }
}
