// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@code −w[target]·input[target]} for log-probabilities {@code [n, classes]} or {@code [n,
 * classes, d...]} and class numbers (INT64) {@code [n]} or {@code [n, d...]}. The mean is over the
 * weights of the targets; targets of {@code ignore_index} count for nothing.
 */
public final class NLLLoss implements Loss {
  private final @Nullable Tensor weight;
  private final long ignoreIndex;
  private final Reduction reduction;

  public NLLLoss() {
    this(null, CrossEntropyOptions.DEFAULT.ignoreIndex(), Reduction.MEAN);
  }

  /** With a weight for each class, or null. */
  public NLLLoss(@Nullable Tensor weight, long ignoreIndex, Reduction reduction) {
    this.weight = weight;
    this.ignoreIndex = ignoreIndex;
    this.reduction = reduction;
  }

  @Override
  public Tensor forward(Tensor input, Tensor target) {
    if (ClassTargets.isOneRow(input, target)) {
      return forward(input.reshape(1, -1), ClassTargets.oneRow(target)).reshape();
    }
    ClassTargets.checkInput("nll_loss", input, weight);
    var targets = ClassTargets.of("nll_loss", input, target, weight, ignoreIndex);
    return targets.reduced(targets.losses(ClassTargets.rows(input)), reduction);
  }
}
