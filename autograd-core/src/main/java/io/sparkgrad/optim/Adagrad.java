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
 * Adagrad (Duchi, Hazan, Singer, 2011): {@code g += λθ; s += g²; θ −= lr/(1 + (t − 1)·η)·g/(√s +
 * ε)} with the decay η of the learning rate; s starts at the initial accumulator value.
 */
public final class Adagrad extends Optimizer<Adagrad.Options> {
  /**
   * Settings.
   *
   * @param lr learning rate
   */
  public record Options(
      double lr,
      double lrDecay,
      double weightDecay,
      double initialAccumulatorValue,
      double eps,
      boolean maximize)
      implements OptimizerOptions<Options> {
    public static final Options DEFAULT = new Options(1e-2, 0, 0, 0, 1e-10, false);

    public Options {
      check(lr >= 0, "learning rate", lr);
      check(lrDecay >= 0, "lr_decay value", lrDecay);
      check(weightDecay >= 0, "weight_decay value", weightDecay);
      check(
          initialAccumulatorValue >= 0, "initial_accumulator_value value", initialAccumulatorValue);
      check(eps >= 0, "epsilon value", eps);
    }

    @Override
    public Options withLr(double value) {
      return new Options(value, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
    }

    public Options withLrDecay(double value) {
      return new Options(lr, value, weightDecay, initialAccumulatorValue, eps, maximize);
    }

    public Options withWeightDecay(double value) {
      return new Options(lr, lrDecay, value, initialAccumulatorValue, eps, maximize);
    }

    public Options withInitialAccumulatorValue(double value) {
      return new Options(lr, lrDecay, weightDecay, value, eps, maximize);
    }

    public Options withEps(double value) {
      return new Options(lr, lrDecay, weightDecay, initialAccumulatorValue, value, maximize);
    }

    public Options withMaximize(boolean value) {
      return new Options(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, value);
    }

    @Override
    public void describe(ObjectNode json) {
      json.put("lr", lr).put("lr_decay", lrDecay).put("eps", eps).put("weight_decay", weightDecay);
      json.put("initial_accumulator_value", initialAccumulatorValue).put("maximize", maximize);
    }

    @Override
    public Options restored(JsonNode json) {
      return new Options(
          number(json, "lr", lr),
          number(json, "lr_decay", lrDecay),
          number(json, "weight_decay", weightDecay),
          number(json, "initial_accumulator_value", initialAccumulatorValue),
          number(json, "eps", eps),
          flag(json, "maximize", maximize));
    }
  }

  public Adagrad(List<? extends Tensor> parameters, Options options) {
    this(options, List.of(ParamGroup.of(parameters)));
  }

  public Adagrad(Options defaults, List<ParamGroup.Spec<Options>> groups) {
    super(defaults, groups);
  }

  @Override
  void update(List<Due> due, Options o) {
    due.forEach(d -> update(d, o));
  }

  private static void update(Due due, Options o) {
    Tensor parameter = due.parameter();
    ParameterState state = due.state();
    long step = state.nextStep();
    Tensor g = due.gradient(o.maximize(), o.weightDecay());
    Tensor sum = state.tensor("sum", parameter, o.initialAccumulatorValue());
    sum.add_(g.square());
    double lr = o.lr() / (1 + (step - 1) * o.lrDecay());
    InPlace.add(parameter, g.div(sum.sqrt().add(o.eps())), -lr);
  }
}
