// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@link CrossEntropyLoss}.
 *
 * @param weight a weight for each class, or null
 * @param ignoreIndex targets of this number count for nothing
 * @param labelSmoothing which part of each target is spread over all classes
 */
public record CrossEntropyOptions(
    @Nullable Tensor weight, long ignoreIndex, double labelSmoothing, Reduction reduction) {
  public static final CrossEntropyOptions DEFAULT =
      new CrossEntropyOptions(null, -100, 0, Reduction.MEAN);

  public CrossEntropyOptions {
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new IllegalArgumentException(
          "cross_entropy: label_smoothing must be between 0 and 1, got " + labelSmoothing);
    }
  }

  public CrossEntropyOptions withWeight(Tensor value) {
    return new CrossEntropyOptions(value, ignoreIndex, labelSmoothing, reduction);
  }

  public CrossEntropyOptions withIgnoreIndex(long value) {
    return new CrossEntropyOptions(weight, value, labelSmoothing, reduction);
  }

  public CrossEntropyOptions withLabelSmoothing(double value) {
    return new CrossEntropyOptions(weight, ignoreIndex, value, reduction);
  }

  public CrossEntropyOptions withReduction(Reduction value) {
    return new CrossEntropyOptions(weight, ignoreIndex, labelSmoothing, value);
  }
}
