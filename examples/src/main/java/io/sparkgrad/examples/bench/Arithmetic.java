// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Handle;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.MultiheadAttention;
import io.sparkgrad.nn.Parameter;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts the multiplications and additions of a step in convolutions, linear maps and attention:
 * what no implementation of these formulas can do without. A product is counted for the forward
 * pass, once more where the weight wants a gradient, and once more where anything before it does.
 */
final class Arithmetic {
  private final Workload workload;

  /** Whether a layer's input leads back to a parameter that is trained. */
  private final IdentityHashMap<Module, Boolean> inputWantsGradient = new IdentityHashMap<>();

  private boolean trainedBefore;
  private double flops;

  private Arithmetic(Workload workload) {
    this.workload = workload;
  }

  static double flops(Workload workload) {
    Arithmetic count = new Arithmetic(workload);
    Module module = workload.module();
    List<Handle> hooks = new ArrayList<>();
    for (Module layer : module.namedModules().values()) {
      hooks.add(layer.registerForwardPreHook(count::enter));
      hooks.add(layer.registerForwardHook(count::leave));
    }
    try (var mode = GradMode.noGrad()) {
      module.call(workload.batch());
    }
    hooks.forEach(Handle::remove);
    return count.flops;
  }

  private @Nullable Tensor enter(Module layer, Tensor input) {
    inputWantsGradient.put(layer, trainedBefore);
    return null;
  }

  private @Nullable Tensor leave(Module layer, Tensor input, @Nullable Tensor output) {
    Tensor y = Objects.requireNonNull(output);
    boolean behindTrained = Objects.requireNonNull(inputWantsGradient.get(layer));
    Map<String, Parameter> parameters = layer.namedParameters();
    boolean attention = layer instanceof MultiheadAttention;
    Parameter weight = parameters.get(attention ? "in_proj_weight" : "weight");
    if (weight != null && weight.rank() > 1) {
      // each output needs a row of the weight; the three projections of attention have no output
      // of their own, and three rows for each number that attention puts out
      double perOutput = (double) weight.numel() / (attention ? y.size(-1) : weight.size(0));
      add(2 * y.numel() * perOutput, weight.requiresGrad(), behindTrained);
    }
    if (attention) { // q·kᵀ, and the weights times v; both factors of both want gradients
      boolean trained = weight != null && weight.requiresGrad();
      add(4.0 * y.numel() * input.size(1), trained, trained);
    }
    trainedBefore |= layer.parameters().stream().anyMatch(Tensor::requiresGrad);
    return null;
  }

  private void add(double forward, boolean oneGradient, boolean otherGradient) {
    boolean trains = workload.kind().trains();
    flops += forward;
    flops += trains && oneGradient ? forward : 0;
    flops += trains && otherGradient ? forward : 0;
  }
}
