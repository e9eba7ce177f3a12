// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.AdamStep;
import java.util.List;

/** What Adam and AdamW share. */
final class AdamSteps {
  private AdamSteps() {}

  /**
   * One step.
   *
   * @param decoupled AdamW: the parameter is decayed itself instead of through the gradient
   */
  static void run(List<Optimizer.Due> due, Adam.Options o, boolean decoupled) {
    FusedSteps<AdamStep> steps =
        new FusedSteps<>(
            (b, settings, p, g, s) -> b.adamStep(settings, p, g, s.get(0), s.get(1), s.get(2)), 3);
    for (Optimizer.Due d : due) {
      ParameterState state = d.state();
      Tensor p = d.parameter();
      AdamStep settings =
          new AdamStep(
              o.lr(),
              o.beta1(),
              o.beta2(),
              o.eps(),
              o.weightDecay(),
              decoupled,
              o.maximize(),
              state.nextStep());
      steps.add(
          settings,
          d,
          state.tensor("exp_avg", p),
          state.tensor("exp_avg_sq", p),
          o.amsgrad() ? state.tensor("max_exp_avg_sq", p) : null);
    }
    steps.run();
  }
}
