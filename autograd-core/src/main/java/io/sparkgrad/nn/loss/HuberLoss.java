// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;

/**
 * With {@code d = |input − target|}: {@code ½d²} up to delta, beyond it {@code delta·(d −
 * delta/2)}.
 */
public final class HuberLoss extends ElementwiseLoss {
  private final double delta;

  public HuberLoss() {
    this(1, Reduction.MEAN);
  }

  public HuberLoss(double delta, Reduction reduction) {
    super("huber_loss", false, reduction);
    if (!(delta > 0)) {
      throw new IllegalArgumentException("HuberLoss: delta has to be greater than 0, got " + delta);
    }
    this.delta = delta;
  }

  @Override
  Tensor losses(Tensor input, Tensor target) {
    return of(input, target, delta);
  }

  /** Both pieces at once: {@code m·(d − m/2)} for {@code m = min(d, delta)}. */
  static Tensor of(Tensor input, Tensor target, double delta) {
    Tensor distance = input.sub(target).abs();
    Tensor near = distance.clampMax(delta);
    return near.mul(distance.sub(near.mul(0.5)));
  }
}
