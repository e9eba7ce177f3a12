// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Handle;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.nn.text.TextTable;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a module consists of, as text: a line per layer that has parameters of its own or no
 * children. The shapes are those of a real pass, in eval mode and without gradients, after which
 * every module is in the mode it was in before. A layer that its parent applies without {@link
 * Module#call} shows no shape.
 */
final class ModuleSummary {
  private final Module module;
  private final IdentityHashMap<Module, Shape> outputs = new IdentityHashMap<>();

  private ModuleSummary(Module module) {
    this.module = module;
  }

  /** Of a pass over zeros. */
  static ModuleSummary of(Module module, Shape input) {
    ModuleSummary summary = new ModuleSummary(module);
    summary.pass(List.of(summary.zeros(input)));
    return summary;
  }

  /** Of a pass over these inputs. */
  static ModuleSummary of(Module module, List<Tensor> inputs) {
    ModuleSummary summary = new ModuleSummary(module);
    summary.pass(inputs);
    return summary;
  }

  private void pass(List<Tensor> inputs) {
    Map<Module, Boolean> modes = new HashMap<>();
    List<Handle> hooks = new ArrayList<>();
    for (Module m : module.namedModules().values()) {
      modes.put(m, m.isTraining());
      hooks.add(m.registerForwardHook(this::note));
    }
    module.eval();
    try (var mode = GradMode.noGrad()) {
      module.call(inputs);
    } finally {
      hooks.forEach(Handle::remove);
      modes.forEach(Module::setTraining);
    }
  }

  private @Nullable Tensor note(Module m, Tensor input, @Nullable Tensor output) {
    if (output != null) {
      outputs.put(m, output.shape());
    }
    return null;
  }

  /** Indices if the first layer looks rows up, else numbers. */
  private Tensor zeros(Shape shape) {
    Tensor numbers = floatingZeros(shape);
    Module first = module;
    while (!first.namedChildren().isEmpty()) {
      first = first.namedChildren().values().iterator().next();
    }
    return first instanceof Embedding ? numbers.to(DType.INT64) : numbers;
  }

  private Tensor floatingZeros(Shape shape) {
    for (Parameter p : module.parameters()) {
      if (p.dtype().isFloatingPoint()) {
        return Tensor.zeros(shape, p.dtype(), p.backend());
      }
    }
    return Tensor.zeros(shape, DType.FLOAT32, DefaultBackend.get());
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
