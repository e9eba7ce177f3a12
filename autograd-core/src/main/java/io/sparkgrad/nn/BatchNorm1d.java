// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

/** {@link BatchNorm} of {@code [n, channels]} or {@code [n, channels, length]}. */
public final class BatchNorm1d extends BatchNorm {
  public BatchNorm1d(int numFeatures) {
    this(numFeatures, BatchNormOptions.DEFAULT);
  }

  public BatchNorm1d(int numFeatures, BatchNormOptions options) {
    super(numFeatures, options);
  }

  static BatchNorm1d fromJson(LayerArguments a) {
    return new BatchNorm1d(a.integer("num_features", 1), BatchNormOptions.fromJson(a));
  }

  @Override
  boolean accepts(int rank) {
    return rank == 2 || rank == 3;
  }

  @Override
  String expected() {
    return "2D or 3D";
  }
}
