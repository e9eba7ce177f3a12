// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.optim.OptimizerOptions.check;
import static io.sparkgrad.optim.OptimizerOptions.flag;
import static io.sparkgrad.optim.OptimizerOptions.number;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.SgdStep;
import java.util.List;

/**
 * Stochastic gradient descent, with momentum if wanted: {@code g += λθ; b = μb + (1 − τ)g} (the
 * first time {@code b = g}); {@code θ −= lr·b}, or with Nesterov {@code θ −= lr·(g + μb)}.
 */
public final class SGD extends Optimizer<SGD.Options> {
  private static final String MOMENTUM_BUFFER = "momentum_buffer";

  /**
   * Settings.
   *
   * @param lr learning rate
   */
  public record Options(
      double lr,
      double momentum,
      double dampening,
      double weightDecay,
      boolean nesterov,
      boolean maximize)
      implements OptimizerOptions<Options> {
    public static final Options DEFAULT = new Options(1e-3, 0, 0, 0, false, false);

    public Options {
      check(lr >= 0, "learning rate", lr);
      check(momentum >= 0, "momentum value", momentum);
      check(weightDecay >= 0, "weight_decay value", weightDecay);
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "optimizer: Nesterov momentum requires a momentum and zero dampening");
      }
    }

    @Override
    public Options withLr(double value) {
      return new Options(value, momentum, dampening, weightDecay, nesterov, maximize);
    }

    @Override
    public boolean hasMomentum() {
      return true;
    }

    @Override
    public Options withMomentum(double value) {
      return new Options(lr, value, dampening, weightDecay, nesterov, maximize);
    }

    public Options withDampening(double value) {
      return new Options(lr, momentum, value, weightDecay, nesterov, maximize);
    }

    public Options withWeightDecay(double value) {
      return new Options(lr, momentum, dampening, value, nesterov, maximize);
    }

    public Options withNesterov(boolean value) {
      return new Options(lr, momentum, dampening, weightDecay, value, maximize);
    }

    public Options withMaximize(boolean value) {
      return new Options(lr, momentum, dampening, weightDecay, nesterov, value);
    }

    @Override
    public void describe(ObjectNode json) {
      json.put("lr", lr).put("momentum", momentum).put("dampening", dampening);
      json.put("weight_decay", weightDecay).put("nesterov", nesterov).put("maximize", maximize);
    }

    @Override
    public Options restored(JsonNode json) {
      return new Options(
          number(json, "lr", lr),
          number(json, "momentum", momentum),
          number(json, "dampening", dampening),
          number(json, "weight_decay", weightDecay),
          flag(json, "nesterov", nesterov),
          flag(json, "maximize", maximize));
    }
  }

  public SGD(List<? extends Tensor> parameters, Options options) {
    this(options, List.of(ParamGroup.of(parameters)));
  }

  public SGD(Options defaults, List<ParamGroup.Spec<Options>> groups) {
    super(defaults, groups);
  }

  @Override
  void update(List<Due> due, Options o) {
    FusedSteps<SgdStep> steps =
        new FusedSteps<>((b, settings, p, g, state) -> b.sgdStep(settings, p, g, state.get(0)), 1);
    for (Due d : due) {
      boolean first = !d.state().has(MOMENTUM_BUFFER);
      steps.add(
          new SgdStep(
              o.lr(),
              o.momentum(),
              o.dampening(),
              o.weightDecay(),
              o.nesterov(),
              o.maximize(),
              first),
          d,
          o.momentum() == 0 ? null : d.state().tensor(MOMENTUM_BUFFER, d.parameter()));
    }
    steps.run();
  }
}
