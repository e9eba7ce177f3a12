// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A part of a network: parameters, buffers and child modules under names, in the order in which
 * they were registered, and what they compute. Names of what lies deeper are joined by dots, as in
 * {@code blocks.0.conv.weight}. Not safe for use by several threads while it trains.
 */
public abstract non-sealed class Module extends ModuleHooks {
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Set<String> nonPersistent = new LinkedHashSet<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;

  /**
   * Writes the constructor's arguments, under PyTorch's names, so that {@link Architecture} can
   * build the module again.
   */
  protected abstract void describe(ObjectNode json);

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

  private void collect(String name, Map<String, Module> found, Predicate<Module> wanted) {
    if (wanted.test(this)) {
      found.put(name, this);
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
    return tensors(module -> module.parameters, removeDuplicate);
  }

  private <T extends Tensor> Map<String, T> tensors(
      Function<Module, Map<String, T>> own, boolean removeDuplicate) {
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
    return tensors(module -> module.buffers, true);
  }

  public final List<Tensor> buffers() {
    return List.copyOf(namedBuffers().values());
  }

  private static String join(String prefix, String name) {
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

  private void addState(String prefix, Map<String, Tensor> state) {
    parameters.forEach((key, p) -> state.put(join(prefix, key), p.detach()));
    buffers.forEach(
        (key, b) -> {
          if (!nonPersistent.contains(key)) {
            state.put(join(prefix, key), b.detach());
          }
        });
    children.forEach((key, child) -> child.addState(join(prefix, key), state));
  }

  /** Names that the module has and the state lacks, and the reverse. */
  public record LoadResult(List<String> missingKeys, List<String> unexpectedKeys) {}

  /**
   * Copies values into the module's tensors, which stay the same objects, frozen or not, and of
   * their type.
   *
   * @param strict whether missing and unexpected names are an error
   * @throws IllegalArgumentException naming all that does not fit; shapes have to fit in any case
   */
  public final LoadResult loadStateDict(Map<String, Tensor> state, boolean strict) {
    Map<String, Tensor> own = stateDict();
    Set<String> optional = optionalKeys();
    List<String> missing =
        own.keySet().stream().filter(k -> !state.containsKey(k) && !optional.contains(k)).toList();
    List<String> unexpected = state.keySet().stream().filter(k -> !own.containsKey(k)).toList();
    List<String> errors = new ArrayList<>();
    if (strict && !missing.isEmpty()) {
      errors.add("Missing key(s): " + String.join(", ", missing));
    }
    if (strict && !unexpected.isEmpty()) {
      errors.add("Unexpected key(s): " + String.join(", ", unexpected));
    }
    own.forEach(
        (name, target) -> {
          Tensor source = state.get(name);
          if (source != null
              && !source.shape().equals(target.shape())
              && !bothSingle(source, target)) {
            errors.add(
                "size mismatch for %s: expected %s, got %s"
                    .formatted(name, target.shape(), source.shape()));
          }
        });
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException("loadStateDict: " + String.join("; ", errors));
    }
    try (var mode = GradMode.noGrad()) {
      own.forEach(
          (name, target) -> {
            Tensor source = state.get(name);
            if (source != null) {
              target.copy_(source.reshape(target.shape().dims()));
            } else if (strict) {
              target.zero_(); // optional: anything else that is missing was refused
            }
          });
    }
    return new LoadResult(missing, unexpected);
  }

  /** Names in this module's own state that old files may lack; a strict load then zeroes them. */
  Set<String> optionalState() {
    return Set.of();
  }

  private Set<String> optionalKeys() {
    Set<String> keys = new LinkedHashSet<>();
    addOptionalKeys("", keys);
    return keys;
  }

  private void addOptionalKeys(String prefix, Set<String> keys) {
    optionalState().forEach(key -> keys.add(join(prefix, key)));
    children.forEach((key, child) -> child.addOptionalKeys(join(prefix, key), keys));
  }

  private static boolean bothSingle(Tensor a, Tensor b) {
    return a.numel() == 1 && b.numel() == 1;
  }

  // Modes

  public final boolean isTraining() {
    return training;
  }

  /** Switches this module and all below to training. */
  public final Module train() {
    return train(true);
  }

  /** Switches this module and all below to inference; gradients stay as they are. */
  public final Module eval() {
    return train(false);
  }

  public final Module train(boolean mode) {
    namedModules().values().forEach(m -> m.training = mode);
    return this;
  }

  /** Says for all parameters below whether they want gradients. */
  public final Module requiresGrad_(boolean value) {
    parameters().forEach(p -> p.requiresGrad_(value));
    return this;
  }

  /** Drops all gradients. */
  public final void zeroGrad() {
    zeroGrad(true);
  }

  /** Drops all gradients, or overwrites them with zeros in place. */
  public final void zeroGrad(boolean setToNull) {
    parameters().forEach(p -> p.zeroGrad(setToNull));
  }

  /**
   * Converts floating-point parameters, their gradients and buffers, which stay the same objects,
   * frozen or not; buffers of integers keep their type. Call it before hooks are registered on
   * parameters and before an optimiser is made: both belong to the type.
   */
  public final Module to(DType dtype) {
    if (!dtype.isFloatingPoint()) {
      throw new IllegalArgumentException(
          "Module.to: expected a floating point dtype, got " + dtype);
    }
    parameters().forEach(p -> convert(p, dtype));
    buffers().forEach(b -> convert(b, dtype));
    return this;
  }

  private static void convert(Tensor t, DType dtype) {
    if (!t.dtype().isFloatingPoint() || t.dtype() == dtype) {
      return;
    }
    Tensor grad = t.grad();
    t.setData(t.detach().to(dtype));
    t.setGrad(grad == null ? null : grad.detach().to(dtype));
  }

  /**
   * Freezes what the patterns name: each is the name of a layer, which freezes all below it, or of
   * a parameter, or a glob over either, in which {@code *} stands for any run of characters, dots
   * included, and {@code ?} for one.
   *
   * @return the names of the frozen parameters, in order of registration; of one that is shared the
   *     first
   * @throws IllegalArgumentException if a pattern matches nothing; the message lists the layers
   */
  public final List<String> freeze(List<String> patterns) {
    Map<String, Parameter> everyName = namedParameters(false);
    Set<String> layers = new LinkedHashSet<>(namedModules(false).keySet());
    layers.remove("");
    Set<Parameter> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
    new NamePatterns(layers, everyName.keySet())
        .matching(patterns)
        .forEach(name -> chosen.add(Objects.requireNonNull(everyName.get(name))));
    List<String> frozen = new ArrayList<>();
    namedParameters()
        .forEach(
            (name, p) -> {
              if (chosen.contains(p)) {
                p.requiresGrad_(false);
                p.setGrad(null); // an optimiser would go on applying it
                frozen.add(name);
              }
            });
    return frozen;
  }

  /**
   * The layers with output shape, number of parameters, trainable or frozen, and the totals, in
   * lines of at most 80 characters. Runs {@link #forward} over zeros of this shape, the size of the
   * batch included, in eval mode and without gradients.
   */
  public final String summary(long... inputShape) {
    return new ModuleSummary(this, Shape.of(inputShape)).toString();
  }

  final List<Parameter> ownParameters() {
    return List.copyOf(parameters.values());
  }

  /** This module alone, unlike {@link #train(boolean)}. */
  final void setTraining(boolean mode) {
    training = mode;
  }

  /** What stands in {@link #toString()} for the arguments. */
  protected String arguments() {
    return "";
  }

  /** In PyTorch's style, children indented. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(getClass().getSimpleName()).append('(').append(arguments());
    children.forEach(
        (name, child) ->
            text.append("\n  (")
                .append(name)
                .append("): ")
                .append(child.toString().replace("\n", "\n  ")));
    return text.append(children.isEmpty() ? ")" : "\n)").toString();
  }
}
