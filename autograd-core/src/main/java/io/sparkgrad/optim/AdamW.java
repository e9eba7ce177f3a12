// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Tensor;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov, Hutter, 2017): {@code θ *= 1 − lr·λ} before Adam's
 * step.
 */
public final class AdamW extends Optimizer<Adam.Options> {
  /** PyTorch's defaults: those of Adam, and a weight decay of 0.01. */
  public static final Adam.Options DEFAULT = Adam.Options.DEFAULT.withWeightDecay(0.01);

  public AdamW(List<? extends Tensor> parameters, Adam.Options options) {
    this(options, List.of(ParamGroup.of(parameters)));
  }

  public AdamW(Adam.Options defaults, List<ParamGroup.Spec<Adam.Options>> groups) {
    super(defaults, groups);
  }

  @Override
  void update(List<Due> due, Adam.Options options) {
    AdamSteps.run(due, options, true);
  }
}
