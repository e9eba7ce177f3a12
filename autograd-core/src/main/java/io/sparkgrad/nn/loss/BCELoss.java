// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.BinaryCrossEntropy;
import org.jspecify.annotations.Nullable;

/**
 * Binary cross entropy of probabilities: {@code −(t·ln x + (1 − t)·ln(1 − x))}, each logarithm at
 * least -100; {@link BinaryCrossEntropy} says what becomes of others than probabilities. The
 * optional {@code weight} of each element broadcasts with the input.
 */
public final class BCELoss extends ElementwiseLoss {
  private final @Nullable Tensor weight;

  public BCELoss() {
    this(Reduction.MEAN);
  }

  public BCELoss(Reduction reduction) {
    this(null, reduction);
  }

  public BCELoss(@Nullable Tensor weight, Reduction reduction) {
    super("binary_cross_entropy", true, reduction);
    this.weight = weight;
  }

  @Override
  Tensor losses(Tensor input, Tensor target) {
    return weighted(BinaryCrossEntropy.of(input, target), weight);
  }
}
