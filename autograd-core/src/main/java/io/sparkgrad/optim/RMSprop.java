// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.optim.OptimizerOptions.check;
import static io.sparkgrad.optim.OptimizerOptions.flag;
import static io.sparkgrad.optim.OptimizerOptions.number;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.InPlace;
import java.util.List;

/**
 * RMSprop (Hinton, 2012): {@code g += λθ; s = αs + (1 − α)g²; a = √s + ε}, centred {@code a = √(s −
 * ḡ²) + ε} with {@code ḡ = αḡ + (1 − α)g}; {@code θ −= lr·g/a}, or with momentum {@code b = μb +
 * g/a; θ −= lr·b}.
 */
public final class RMSprop extends Optimizer<RMSprop.Options> {
  /**
   * Settings.
   *
   * @param lr learning rate
   */
  public record Options(
      double lr,
      double alpha,
      double eps,
      double weightDecay,
      double momentum,
      boolean centered,
      boolean maximize)
      implements OptimizerOptions<Options> {
    public static final Options DEFAULT = new Options(1e-2, 0.99, 1e-8, 0, 0, false, false);

    public Options {
      check(lr >= 0, "learning rate", lr);
      check(eps >= 0, "epsilon value", eps);
      check(momentum >= 0, "momentum value", momentum);
      check(weightDecay >= 0, "weight_decay value", weightDecay);
      check(alpha >= 0, "alpha value", alpha);
    }

    @Override
    public Options withLr(double value) {
      return new Options(value, alpha, eps, weightDecay, momentum, centered, maximize);
    }

    public Options withAlpha(double value) {
      return new Options(lr, value, eps, weightDecay, momentum, centered, maximize);
    }

    public Options withEps(double value) {
      return new Options(lr, alpha, value, weightDecay, momentum, centered, maximize);
    }

    public Options withWeightDecay(double value) {
      return new Options(lr, alpha, eps, value, momentum, centered, maximize);
    }

    @Override
    public boolean hasMomentum() {
      return true;
    }

    @Override
    public Options withMomentum(double value) {
      return new Options(lr, alpha, eps, weightDecay, value, centered, maximize);
    }

    public Options withCentered(boolean value) {
      return new Options(lr, alpha, eps, weightDecay, momentum, value, maximize);
    }

    public Options withMaximize(boolean value) {
      return new Options(lr, alpha, eps, weightDecay, momentum, centered, value);
    }

    @Override
    public void describe(ObjectNode json) {
      json.put("lr", lr).put("alpha", alpha).put("eps", eps).put("weight_decay", weightDecay);
      json.put("momentum", momentum).put("centered", centered).put("maximize", maximize);
    }

    @Override
    public Options restored(JsonNode json) {
      return new Options(
          number(json, "lr", lr),
          number(json, "alpha", alpha),
          number(json, "eps", eps),
          number(json, "weight_decay", weightDecay),
          number(json, "momentum", momentum),
          flag(json, "centered", centered),
          flag(json, "maximize", maximize));
    }
  }

  public RMSprop(List<? extends Tensor> parameters, Options options) {
    this(options, List.of(ParamGroup.of(parameters)));
  }

  public RMSprop(Options defaults, List<ParamGroup.Spec<Options>> groups) {
    super(defaults, groups);
  }

  @Override
  void update(List<Due> due, Options o) {
    due.forEach(d -> update(d, o));
  }

  private static void update(Due due, Options o) {
    Tensor parameter = due.parameter();
    ParameterState state = due.state();
    state.nextStep();
    Tensor g = due.gradient(o.maximize(), o.weightDecay());
    Tensor variance = state.tensor("square_avg", parameter);
    average(variance, g.square(), o.alpha());
    if (o.centered()) {
      Tensor mean = state.tensor("grad_avg", parameter);
      average(mean, g, o.alpha());
      variance = variance.sub(mean.square());
    }
    Tensor change = g.div(variance.sqrt().add(o.eps()));
    if (o.momentum() > 0) {
      change = state.tensor("momentum_buffer", parameter).mul_(o.momentum()).add_(change);
    }
    InPlace.add(parameter, change, -o.lr());
  }

  /** {@code average ← keep·average + (1 − keep)·x}. */
  private static void average(Tensor average, Tensor x, double keep) {
    average.mul_(keep);
    InPlace.add(average, x, 1 - keep);
  }
}
