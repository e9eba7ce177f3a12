// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;

/** With {@code d = |input − target|}: {@code ½d²/beta} below beta, else {@code d − beta/2}. */
public final class SmoothL1Loss extends ElementwiseLoss {
  private final double beta;

  public SmoothL1Loss() {
    this(1, Reduction.MEAN);
  }

  public SmoothL1Loss(double beta, Reduction reduction) {
    super("smooth_l1_loss", false, reduction);
    if (!(beta >= 0)) {
      throw new IllegalArgumentException("SmoothL1Loss: beta has to be 0 or greater, got " + beta);
    }
    this.beta = beta;
  }

  @Override
  Tensor losses(Tensor input, Tensor target) {
    return beta == 0 ? input.sub(target).abs() : HuberLoss.of(input, target, beta).div(beta);
  }
}
