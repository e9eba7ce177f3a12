// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;

/** {@code |input − target|}, with derivative 0 at 0. */
public final class L1Loss extends ElementwiseLoss {
  public L1Loss() {
    this(Reduction.MEAN);
  }

  public L1Loss(Reduction reduction) {
    super("l1_loss", false, reduction);
  }

  @Override
  Tensor losses(Tensor input, Tensor target) {
    return input.sub(target).abs();
  }
}
