// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;

/**
 * Kullback-Leibler divergence {@code t·(ln t − input)} of an input of log-probabilities; 0 where t
 * is 0. With {@code log_target} the target is ln t as well. The mean is over all elements, as in
 * PyTorch; the divergence proper is {@link #batchMean}.
 */
public final class KLDivLoss extends ElementwiseLoss {
  private final boolean logTarget;
  private final boolean batchMean;

  public KLDivLoss() {
    this(false, Reduction.MEAN);
  }

  public KLDivLoss(boolean logTarget, Reduction reduction) {
    this(logTarget, reduction, false);
  }

  private KLDivLoss(boolean logTarget, Reduction reduction, boolean batchMean) {
    super("kl_div", false, reduction);
    this.logTarget = logTarget;
    this.batchMean = batchMean;
  }

  /** The sum over the size of the first axis: {@code reduction="batchmean"}. */
  public static KLDivLoss batchMean(boolean logTarget) {
    return new KLDivLoss(logTarget, Reduction.SUM, true);
  }

  @Override
  Tensor losses(Tensor input, Tensor target) {
    if (logTarget) {
      return target.exp().mul(target.sub(input));
    }
    // The logarithm of a 1 in place of each 0, so that 0·ln 0 is 0.
    Tensor zeros = target.detach().eq(Tensor.zerosLike(target));
    return target.mul(target.add(zeros).log()).sub(target.mul(input));
  }

  @Override
  Tensor reduced(Tensor losses, Tensor input) {
    Tensor reduced = super.reduced(losses, input);
    return batchMean && input.rank() > 0 ? reduced.div(input.size(0)) : reduced;
  }
}
