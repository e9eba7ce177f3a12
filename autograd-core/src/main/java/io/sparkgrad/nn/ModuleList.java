// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Modules under the names "0", "1", and so on, for a module of one's own that applies them. */
public final class ModuleList extends Module implements Iterable<Module> {
  private final List<Module> modules = new ArrayList<>();

  public ModuleList(Module... modules) {
    for (Module m : modules) {
      append(m);
    }
  }

  /** For {@link Architecture}. */
  public static Module fromJson(LayerArguments a) {
    return new ModuleList(Sequential.children(a).values().toArray(new Module[0]));
  }

  /** Adds a module at the end. */
  public ModuleList append(Module module) {
    modules.add(registerModule(String.valueOf(modules.size()), module));
    return this;
  }

  public Module get(int index) {
    return modules.get(index);
  }

  public int size() {
    return modules.size();
  }

  @Override
  public Iterator<Module> iterator() {
    return List.copyOf(modules).iterator();
  }

  @Override
  public Tensor forward(Tensor x) {
    throw new UnsupportedOperationException(
        "ModuleList: a list has no forward; call its modules one by one");
  }

  @Override
  protected void describe(ObjectNode json) {
    Architecture.describeChildren(this, json);
  }
}
