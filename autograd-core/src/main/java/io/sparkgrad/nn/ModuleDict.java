// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import java.util.Map;
import java.util.Set;

/** Modules under names, for a module of one's own that applies them. */
public final class ModuleDict extends Module {
  public ModuleDict(Map<String, ? extends Module> modules) {
    modules.forEach(this::put);
  }

  /** For {@link Architecture}. */
  public static Module fromJson(LayerArguments a) {
    return new ModuleDict(Sequential.children(a));
  }

  /** Adds a module under a name that is free. */
  public ModuleDict put(String name, Module module) {
    registerModule(name, module);
    return this;
  }

  public Module get(String name) {
    Module module = namedChildren().get(name);
    if (module == null) {
      throw new IllegalArgumentException(
          "ModuleDict: expected one of %s, got '%s'".formatted(keys(), name));
    }
    return module;
  }

  public Set<String> keys() {
    return namedChildren().keySet();
  }

  @Override
  public Tensor forward(Tensor x) {
    throw new UnsupportedOperationException(
        "ModuleDict: a dictionary has no forward; call its modules by their names");
  }

  @Override
  protected void describe(ObjectNode json) {
    Architecture.describeChildren(this, json);
  }
}
