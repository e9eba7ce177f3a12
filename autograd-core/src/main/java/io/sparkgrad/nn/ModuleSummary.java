// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DType;
import io.sparkgrad.nn.text.TextTable;
import io.sparkgrad.shape.Shape;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a module consists of, as text: a line per layer that has parameters of its own or no
 * children. The shapes are those of a real pass over zeros, in eval mode and without gradients,
 * after which every module is in the mode it was in before.
 */
final class ModuleSummary {
  private final Module module;
  private final IdentityHashMap<Module, Shape> outputs = new IdentityHashMap<>();

  ModuleSummary(Module module, Shape input) {
    this.module = module;
    Map<Module, Boolean> modes = new HashMap<>();
    module.namedModules().values().forEach(m -> modes.put(m, m.isTraining()));
    module.eval();
    try (var mode = GradMode.noGrad()) {
      outputs.put(module, apply(module, zeros(input)).shape());
    } finally {
      modes.forEach(Module::setTraining);
    }
  }

  private Tensor zeros(Shape shape) {
    for (Parameter p : module.parameters()) {
      if (p.dtype().isFloatingPoint()) {
        return Tensor.zeros(shape, p.dtype(), p.backend());
      }
    }
    Backend backend = Backends.cpu().backend();
    return Tensor.zeros(shape, DType.FLOAT32, backend);
  }

  private Tensor apply(Module m, Tensor x) {
    // A subclass of a user's may compute something else than its layers one after the other.
    boolean plain = m.getClass() == Sequential.class || m.getClass() == Residual.class;
    Tensor y = plain ? ((Sequential) m).forward(x, this::apply) : m.forward(x);
    outputs.put(m, y.shape());
    return y;
  }

  @Override
  public String toString() {
    TextTable table = new TextTable("layer", "kind", "output", ">values", "trainable");
    module
        .namedModules()
        .forEach(
            (name, m) -> {
              List<Parameter> own = m.ownParameters();
              if (!own.isEmpty() || m.namedChildren().isEmpty()) {
                Shape output = outputs.get(m);
                table.row(
                    name.isEmpty() ? "(this)" : name,
                    m.getClass().getSimpleName(),
                    output == null ? "?" : output,
                    count(own, p -> true),
                    trainable(own));
              }
            });
    List<Parameter> all = module.parameters();
    long trainable = count(all, Tensor::requiresGrad);
    long frozen = count(all, p -> !p.requiresGrad());
    return "%sOutput %s; %d parameters: %d trainable, %d frozen.\n"
        .formatted(table, outputs.get(module), trainable + frozen, trainable, frozen);
  }

  private static String trainable(List<Parameter> own) {
    long trainable = own.stream().filter(Tensor::requiresGrad).count();
    if (own.isEmpty()) {
      return "";
    }
    return trainable == own.size() ? "yes" : trainable == 0 ? "frozen" : "partly";
  }

  private static long count(List<Parameter> parameters, Predicate<Parameter> chosen) {
    return parameters.stream().filter(chosen).mapToLong(Tensor::numel).sum();
  }
}
