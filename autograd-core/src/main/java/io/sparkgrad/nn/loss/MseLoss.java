// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;

/** {@code (input − target)²}. */
public final class MseLoss extends ElementwiseLoss {
  public MseLoss() {
    this(Reduction.MEAN);
  }

  public MseLoss(Reduction reduction) {
    super("mse_loss", false, reduction);
  }

  @Override
  Tensor losses(Tensor input, Tensor target) {
    return input.sub(target).square();
  }
}
