// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a {@link Module} consists of: parameters, buffers and child modules under names, in the
 * order in which they were registered, and what lies below them.
 */
public abstract sealed class ModuleContents extends ModuleHooks permits Module {
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Set<String> nonPersistent = new LinkedHashSet<>();
  private final Map<String, Module> children = new LinkedHashMap<>();

  // Registration

  protected final Parameter registerParameter(String name, Parameter parameter) {
    checkName(name);
    parameters.put(name, parameter);
    return parameter;
  }

  /** A tensor that belongs to the state but is not trained. */
  protected final Tensor registerBuffer(String name, Tensor buffer) {
    return registerBuffer(name, buffer, true);
  }

  /**
   * A tensor that is not trained.
   *
   * @param persistent whether it belongs to the state; if not, it can be computed again
   */
  protected final Tensor registerBuffer(String name, Tensor buffer, boolean persistent) {
    checkName(name);
    buffers.put(name, buffer);
    if (!persistent) {
      nonPersistent.add(name);
    }
    return buffer;
  }

  protected final <M extends Module> M registerModule(String name, M module) {
    checkName(name);
    children.put(name, module);
    return module;
  }

  private void checkName(String name) {
    if (name.isEmpty() || name.contains(".")) {
      throw new IllegalArgumentException(
          "module: a name must not be empty and must not contain \".\", got \"" + name + "\"");
    }
    if (parameters.containsKey(name) || buffers.containsKey(name) || children.containsKey(name)) {
      throw new IllegalArgumentException("module: the name '" + name + "' is taken already");
    }
  }

  // Contents

  /** The modules directly below. */
  public final Map<String, Module> namedChildren() {
    return Collections.unmodifiableMap(children);
  }

  /** This module, named "", and all below, depth first; each object once. */
  public final Map<String, Module> namedModules() {
    return namedModules(true);
  }

  /** As {@link #namedModules()}; without {@code removeDuplicate} under all their names. */
  public final Map<String, Module> namedModules(boolean removeDuplicate) {
    Map<String, Module> found = new LinkedHashMap<>();
    Set<Module> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    collect("", found, module -> seen.add(module) || !removeDuplicate);
    return found;
  }

  final void collect(String name, Map<String, Module> found, Predicate<Module> wanted) {
    Module self = (Module) this;
    if (wanted.test(self)) {
      found.put(name, self);
      children.forEach((key, child) -> child.collect(join(name, key), found, wanted));
    }
  }

  /**
   * All parameters: a module's own before its children's; each object once, under its first name.
   */
  public final Map<String, Parameter> namedParameters() {
    return namedParameters(true);
  }

  /** As {@link #namedParameters()}; without {@code removeDuplicate} under all their names. */
  public final Map<String, Parameter> namedParameters(boolean removeDuplicate) {
    return tensors(contents -> contents.parameters, removeDuplicate);
  }

  private <T extends Tensor> Map<String, T> tensors(
      Function<ModuleContents, Map<String, T>> own, boolean removeDuplicate) {
    Map<String, T> found = new LinkedHashMap<>();
    Set<T> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    namedModules(removeDuplicate)
        .forEach(
            (prefix, module) ->
                own.apply(module)
                    .forEach(
                        (key, t) -> {
                          if (seen.add(t) || !removeDuplicate) {
                            found.put(join(prefix, key), t);
                          }
                        }));
    return found;
  }

  public final List<Parameter> parameters() {
    return List.copyOf(namedParameters().values());
  }

  /** All buffers, as {@link #namedParameters()}, those outside the state included. */
  public final Map<String, Tensor> namedBuffers() {
    return tensors(contents -> contents.buffers, true);
  }

  public final List<Tensor> buffers() {
    return List.copyOf(namedBuffers().values());
  }

  static String join(String prefix, String name) {
    return prefix.isEmpty() ? name : prefix + "." + name;
  }

  // State

  /**
   * Parameters and persistent buffers under all their names, as aliases of the live storage without
   * history: own parameters, own buffers, then the children's.
   */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    addState("", state);
    return state;
  }

  final void addState(String prefix, Map<String, Tensor> state) {
    parameters.forEach((key, p) -> state.put(join(prefix, key), p.detach()));
    buffers.forEach(
        (key, b) -> {
          if (!nonPersistent.contains(key)) {
            state.put(join(prefix, key), b.detach());
          }
        });
    children.forEach((key, child) -> child.addState(join(prefix, key), state));
  }

  final List<Parameter> ownParameters() {
    return List.copyOf(parameters.values());
  }
}
