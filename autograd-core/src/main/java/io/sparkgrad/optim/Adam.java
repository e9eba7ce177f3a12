// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.optim.OptimizerOptions.check;
import static io.sparkgrad.optim.OptimizerOptions.flag;
import static io.sparkgrad.optim.OptimizerOptions.number;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import java.util.List;

/**
 * Adam (Kingma, Ba, 2014): {@code m = β₁m + (1 − β₁)g; v = β₂v + (1 − β₂)g²; θ −= lr/(1 −
 * β₁ᵗ)·m/(√v/√(1 − β₂ᵗ) + ε)}. Weight decay is added to the gradient; {@link AdamW} decays the
 * parameter itself. With {@code amsgrad} the largest v so far stands in the root.
 */
public final class Adam extends Optimizer<Adam.Options> {
  /**
   * Settings of Adam and {@link AdamW}, whose defaults differ: {@link AdamW#DEFAULT}.
   *
   * @param lr learning rate
   */
  public record Options(
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean amsgrad,
      boolean maximize)
      implements OptimizerOptions<Options> {
    public static final Options DEFAULT = new Options(1e-3, 0.9, 0.999, 1e-8, 0, false, false);

    public Options {
      check(lr >= 0, "learning rate", lr);
      check(eps >= 0, "epsilon value", eps);
      check(beta1 >= 0 && beta1 < 1, "beta parameter at index 0", beta1);
      check(beta2 >= 0 && beta2 < 1, "beta parameter at index 1", beta2);
      check(weightDecay >= 0, "weight_decay value", weightDecay);
    }

    @Override
    public Options withLr(double value) {
      return new Options(value, beta1, beta2, eps, weightDecay, amsgrad, maximize);
    }

    @Override
    public boolean hasMomentum() {
      return true;
    }

    /** With another β₁. */
    @Override
    public Options withMomentum(double value) {
      return withBetas(value, beta2);
    }

    public Options withBetas(double first, double second) {
      return new Options(lr, first, second, eps, weightDecay, amsgrad, maximize);
    }

    public Options withEps(double value) {
      return new Options(lr, beta1, beta2, value, weightDecay, amsgrad, maximize);
    }

    public Options withWeightDecay(double value) {
      return new Options(lr, beta1, beta2, eps, value, amsgrad, maximize);
    }

    public Options withAmsgrad(boolean value) {
      return new Options(lr, beta1, beta2, eps, weightDecay, value, maximize);
    }

    public Options withMaximize(boolean value) {
      return new Options(lr, beta1, beta2, eps, weightDecay, amsgrad, value);
    }

    @Override
    public void describe(ObjectNode json) {
      json.put("lr", lr).putArray("betas").add(beta1).add(beta2);
      json.put("eps", eps).put("weight_decay", weightDecay);
      json.put("amsgrad", amsgrad).put("maximize", maximize);
    }

    @Override
    public Options restored(JsonNode json) {
      JsonNode betas = json.path("betas");
      if (!betas.isMissingNode()
          && !(betas.size() == 2 && betas.get(0).isNumber() && betas.get(1).isNumber())) {
        throw new IllegalArgumentException(
            "loadStateDict: betas: expected two numbers, got " + betas);
      }
      return new Options(
          number(json, "lr", lr),
          betas.isMissingNode() ? beta1 : betas.get(0).asDouble(),
          betas.isMissingNode() ? beta2 : betas.get(1).asDouble(),
          number(json, "eps", eps),
          number(json, "weight_decay", weightDecay),
          flag(json, "amsgrad", amsgrad),
          flag(json, "maximize", maximize));
    }
  }

  public Adam(List<? extends Tensor> parameters, Options options) {
    this(options, List.of(ParamGroup.of(parameters)));
  }

  public Adam(Options defaults, List<ParamGroup.Spec<Options>> groups) {
    super(defaults, groups);
  }

  @Override
  void update(List<Due> due, Options options) {
    AdamSteps.run(due, options, false);
  }
}
