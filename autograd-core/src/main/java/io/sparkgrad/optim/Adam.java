// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.AdamStep;
import java.util.List;

/**
 * Adam (Kingma, Ba, 2014): {@code m = β₁m + (1 − β₁)g; v = β₂v + (1 − β₂)g²; θ −= lr/(1 −
 * β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε)}. Weight decay is added to the gradient; {@link AdamW} decays the
 * parameter itself.
 */
public class Adam extends Optimizer<Adam.State> {
  /**
   * Settings.
   *
   * @param lr learning rate
   */
  public record Options(double lr, double beta1, double beta2, double eps, double weightDecay) {
    public static final Options DEFAULT = new Options(1e-3, 0.9, 0.999, 1e-8, 0);

    public Options {
      check(lr >= 0, "learning rate", lr);
      check(eps >= 0, "epsilon value", eps);
      check(beta1 >= 0 && beta1 < 1, "beta parameter at index 0", beta1);
      check(beta2 >= 0 && beta2 < 1, "beta parameter at index 1", beta2);
      check(weightDecay >= 0, "weight_decay value", weightDecay);
    }

    public Options withLr(double value) {
      return new Options(value, beta1, beta2, eps, weightDecay);
    }

    public Options withBetas(double first, double second) {
      return new Options(lr, first, second, eps, weightDecay);
    }

    public Options withEps(double value) {
      return new Options(lr, beta1, beta2, value, weightDecay);
    }

    public Options withWeightDecay(double value) {
      return new Options(lr, beta1, beta2, eps, value);
    }
  }

  /** First and second moment, and how many steps they have seen. */
  static final class State {
    private final Tensor expAvg;
    private final Tensor expAvgSq;
    private long step;

    private State(Tensor parameter) {
      expAvg = Tensor.zerosLike(parameter);
      expAvgSq = Tensor.zerosLike(parameter);
    }
  }

  private final Options options;
  private final boolean decoupled;

  public Adam(List<? extends Tensor> parameters, Options options) {
    this(parameters, options, false);
  }

  Adam(List<? extends Tensor> parameters, Options options, boolean decoupled) {
    super(parameters);
    this.options = options;
    this.decoupled = decoupled;
  }

  @Override
  final State newState(Tensor parameter) {
    return new State(parameter);
  }

  @Override
  final void update(Tensor parameter, Tensor grad, State state) {
    state.step++;
    AdamStep step =
        new AdamStep(
            options.lr(),
            options.beta1(),
            options.beta2(),
            options.eps(),
            options.weightDecay(),
            decoupled,
            state.step);
    parameter
        .backend()
        .adamStep(
            step,
            parameter.buffer(),
            grad.buffer(),
            state.expAvg.buffer(),
            state.expAvgSq.buffer());
  }
}
