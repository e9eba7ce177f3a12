// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Binary cross entropy of logits: {@code −(w·t·ln σ(z) + (1 − t)·ln(1 − σ(z)))}, finite for any
 * finite z. The optional {@code pos_weight} w (1 if missing) broadcasts with the target; so does
 * the optional {@code weight} of each element.
 */
public final class BCEWithLogitsLoss extends ElementwiseLoss {
  private final @Nullable Tensor weight;
  private final @Nullable Tensor posWeight;

  public BCEWithLogitsLoss() {
    this(Reduction.MEAN);
  }

  public BCEWithLogitsLoss(Reduction reduction) {
    this(null, reduction);
  }

  public BCEWithLogitsLoss(@Nullable Tensor posWeight, Reduction reduction) {
    this(null, reduction, posWeight);
  }

  /** In PyTorch's order. */
  public BCEWithLogitsLoss(
      @Nullable Tensor weight, Reduction reduction, @Nullable Tensor posWeight) {
    super("binary_cross_entropy_with_logits", true, reduction);
    this.weight = weight;
    this.posWeight = posWeight;
  }

  /** As {@code (1 − t)·z + (1 + (w − 1)·t)·softplus(−z)}, in which nothing overflows. */
  @Override
  Tensor losses(Tensor input, Tensor target) {
    Tensor soft = input.logSigmoid().neg();
    if (posWeight != null) {
      soft = soft.mul(target.mul(posWeight.add(-1)).add(1));
    }
    return weighted(target.neg().add(1).mul(input).add(soft), weight);
  }
}
