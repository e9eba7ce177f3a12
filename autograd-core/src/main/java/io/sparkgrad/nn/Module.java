// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A part of a network: parameters, buffers and child modules under names, in the order in which
 * they were registered, and what they compute. Names of what lies deeper are joined by dots, as in
 * {@code blocks.0.conv.weight}. Not safe for use by several threads while it trains.
 */
public abstract non-sealed class Module extends ModuleContents {
  private boolean training = true;

  /**
   * Writes the constructor's arguments, under PyTorch's names, so that {@link Architecture} can
   * build the module again.
   */
  protected abstract void describe(ObjectNode json);

  // State

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
    return new StateDictLoading(this).load(state, strict);
  }

  /** Names in this module's own state that old files may lack; a strict load then zeroes them. */
  Set<String> optionalState() {
    return Set.of();
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

  /**
   * Moves parameters, their gradients and buffers to another device; they stay the same objects,
   * frozen or not. Call it before hooks are registered on parameters and before an optimiser is
   * made: both belong to the device.
   */
  public final Module to(Backend backend) {
    parameters().forEach(p -> replace(p, t -> t.to(backend)));
    buffers().forEach(b -> replace(b, t -> t.to(backend)));
    return this;
  }

  private static void convert(Tensor t, DType dtype) {
    if (t.dtype().isFloatingPoint()) {
      replace(t, values -> values.to(dtype));
    }
  }

  private static void replace(Tensor t, UnaryOperator<Tensor> conversion) {
    Tensor values = t.detach();
    Tensor converted = conversion.apply(values);
    if (converted == values) {
      return;
    }
    Tensor grad = t.grad();
    t.setData(converted);
    t.setGrad(grad == null ? null : conversion.apply(grad.detach()));
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
    Map<String, Parameter> frozen = matchingParameters("frozenLayers", patterns);
    for (Parameter p : frozen.values()) {
      p.requiresGrad_(false);
      p.setGrad(null); // an optimiser would go on applying it
    }
    return List.copyOf(frozen.keySet());
  }

  /**
   * The parameters that the patterns name, as {@link #freeze} takes them.
   *
   * @param setting where the patterns stand, for the message
   * @return in order of registration; of one that is shared the first name
   * @throws IllegalArgumentException if a pattern matches nothing; the message lists the layers
   */
  public final Map<String, Parameter> matchingParameters(String setting, List<String> patterns) {
    Map<String, Parameter> everyName = namedParameters(false);
    Set<String> layers = new LinkedHashSet<>(namedModules(false).keySet());
    layers.remove("");
    Set<Parameter> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
    new NamePatterns(setting, layers, everyName.keySet())
        .matching(patterns)
        .forEach(name -> chosen.add(Objects.requireNonNull(everyName.get(name))));
    Map<String, Parameter> matching = new LinkedHashMap<>(namedParameters());
    matching.values().removeIf(p -> !chosen.contains(p));
    return matching;
  }

  /**
   * The layers with output shape, number of parameters, trainable or frozen, and the totals, in
   * lines of at most 80 characters. Runs {@link #forward} over zeros of this shape, the size of the
   * batch included, in eval mode and without gradients.
   */
  public final String summary(long... inputShape) {
    return ModuleSummary.of(this, Shape.of(inputShape)).toString();
  }

  /**
   * {@link #summary(long...)} of a module with several inputs, or with one that is not what zeros
   * would be: runs {@link #forward(List)} over these, of which shapes and dtypes count.
   *
   * @throws IllegalArgumentException if the module does not take them
   */
  public final String summary(List<Tensor> inputs) {
    return ModuleSummary.of(this, inputs).toString();
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
    namedChildren()
        .forEach(
            (name, child) ->
                text.append("\n  (")
                    .append(name)
                    .append("): ")
                    .append(child.toString().replace("\n", "\n  ")));
    return text.append(namedChildren().isEmpty() ? ")" : "\n)").toString();
  }
}
