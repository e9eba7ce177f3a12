// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.BinaryCrossEntropy;

/**
 * Binary cross entropy of probabilities: {@code −(t·ln x + (1 − t)·ln(1 − x))}, each logarithm at
 * least -100.
 */
public final class BCELoss extends ElementwiseLoss {
  public BCELoss() {
    this(Reduction.MEAN);
  }

  public BCELoss(Reduction reduction) {
    super("binary_cross_entropy", true, reduction);
  }

  @Override
  Tensor losses(Tensor input, Tensor target) {
    return BinaryCrossEntropy.of(input, target);
  }
}
