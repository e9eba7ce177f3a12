// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.InPlace;
import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.BinaryKernel;

/**
 * The formula that Adam and AdamW share.
 *
 * @param decoupled AdamW: the parameter is decayed itself instead of through the gradient
 */
record AdamUpdate(Adam.Options o, boolean decoupled) {
  void apply(Tensor parameter, Tensor grad, ParameterState state) {
    Tensor first = state.tensor("exp_avg", parameter);
    Tensor second = state.tensor("exp_avg_sq", parameter);
    long t = state.nextStep();
    if (o.amsgrad()) {
      amsgrad(parameter, grad, first, second, state.tensor("max_exp_avg_sq", parameter), t);
      return;
    }
    AdamStep step =
        new AdamStep(o.lr(), o.beta1(), o.beta2(), o.eps(), o.weightDecay(), decoupled, t);
    parameter
        .backend()
        .adamStep(step, parameter.buffer(), grad.buffer(), first.buffer(), second.buffer());
    parameter.written();
  }

  /** Composed of the operations that every backend has: the fused kernel keeps no maximum. */
  private void amsgrad(Tensor p, Tensor grad, Tensor first, Tensor second, Tensor max, long t) {
    Tensor g = grad;
    if (decoupled) {
      p.mul_(1 - o.lr() * o.weightDecay());
    } else {
      g = Optimizer.decayed(grad, p, o.weightDecay());
    }
    Optimizer.average(first, g, o.beta1());
    Optimizer.average(second, g.square(), o.beta2());
    p.backend()
        .binary(
            BinaryKernel.MAXIMUM,
            max.buffer(),
            max.shape(),
            second.buffer(),
            second.shape(),
            max.buffer(),
            max.shape());
    double correction = Math.sqrt(1 - Math.pow(o.beta2(), t));
    Tensor denominator = max.sqrt().div(correction).add(o.eps());
    InPlace.add(p, first.div(denominator), -o.lr() / (1 - Math.pow(o.beta1(), t)));
  }
}
