// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.SgdStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stochastic gradient descent, with momentum if wanted: {@code g += λθ; b = μb + (1 − τ)g} (the
 * first time {@code b = g}); {@code θ −= lr·b}, or with Nesterov {@code θ −= lr·(g + μb)}.
 */
public final class SGD extends Optimizer<SGD.State> {
  /**
   * Settings.
   *
   * @param lr learning rate
   */
  public record Options(
      double lr, double momentum, double dampening, double weightDecay, boolean nesterov) {
    public static final Options DEFAULT = new Options(1e-3, 0, 0, 0, false);

    public Options {
      check(lr >= 0, "learning rate", lr);
      check(momentum >= 0, "momentum value", momentum);
      check(weightDecay >= 0, "weight_decay value", weightDecay);
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "optimizer: Nesterov momentum requires a momentum and zero dampening");
      }
    }

    public Options withLr(double value) {
      return new Options(value, momentum, dampening, weightDecay, nesterov);
    }

    public Options withMomentum(double value) {
      return new Options(lr, value, dampening, weightDecay, nesterov);
    }

    public Options withDampening(double value) {
      return new Options(lr, momentum, value, weightDecay, nesterov);
    }

    public Options withWeightDecay(double value) {
      return new Options(lr, momentum, dampening, value, nesterov);
    }

    public Options withNesterov(boolean value) {
      return new Options(lr, momentum, dampening, weightDecay, value);
    }
  }

  /** The momentum buffer, if there is momentum. */
  static final class State {
    private final @Nullable Tensor momentumBuffer;
    private boolean started;

    private State(@Nullable Tensor momentumBuffer) {
      this.momentumBuffer = momentumBuffer;
    }
  }

  private final Options options;

  public SGD(List<? extends Tensor> parameters, Options options) {
    super(parameters);
    this.options = options;
  }

  @Override
  State newState(Tensor parameter) {
    return new State(options.momentum() == 0 ? null : Tensor.zerosLike(parameter));
  }

  @Override
  void update(Tensor parameter, Tensor grad, State state) {
    SgdStep step =
        new SgdStep(
            options.lr(),
            options.momentum(),
            options.dampening(),
            options.weightDecay(),
            options.nesterov(),
            !state.started);
    Tensor momentum = state.momentumBuffer;
    parameter
        .backend()
        .sgdStep(
            step, parameter.buffer(), grad.buffer(), momentum == null ? null : momentum.buffer());
    state.started = true;
  }
}
