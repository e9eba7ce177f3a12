// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Tensor;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov, Hutter, 2017): {@code θ *= 1 − lr·λ} before Adam's
 * step.
 */
public final class AdamW extends Adam {
  /** PyTorch's defaults: those of Adam, and a weight decay of 0.01. */
  public static final Options DEFAULT = Options.DEFAULT.withWeightDecay(0.01);

  public AdamW(List<? extends Tensor> parameters, Options options) {
    super(parameters, options, true);
  }
}
