// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Parameters of an optimiser that share settings. The settings may change between steps, as
 * schedulers do with the learning rate; the parameters stay.
 *
 * @param <O> the optimiser's settings
 */
public final class ParamGroup<O extends OptimizerOptions<O>> {
  private static final String INITIAL_LR = "initial_lr";

  private final List<Tensor> params;
  private O options;

  /** NaN until a scheduler was made: then the rate that its factors apply to. */
  private double initialLr = Double.NaN;

  /** What a group is made of: parameters, and how its settings differ from the defaults. */
  public record Spec<O>(List<Tensor> params, UnaryOperator<O> override) {
    public Spec {
      params = List.copyOf(params);
    }
  }

  ParamGroup(List<Tensor> params, O options) {
    this.params = params;
    this.options = options;
  }

  /** A group with the optimiser's defaults. */
  public static <O> Spec<O> of(List<? extends Tensor> params) {
    return of(params, defaults -> defaults);
  }

  /** A group whose settings are made from the defaults, as in {@code o -> o.withLr(0.1)}. */
  public static <O> Spec<O> of(List<? extends Tensor> params, UnaryOperator<O> override) {
    return new Spec<>(List.copyOf(params), override);
  }

  public List<Tensor> params() {
    return params;
  }

  public O options() {
    return options;
  }

  public void setOptions(O value) {
    options = value;
  }

  public double lr() {
    return options.lr();
  }

  public void setLr(double value) {
    options = options.withLr(value);
  }

  /** The rate before any scheduler; from the first call on it stays, whatever the rate becomes. */
  public double initialLr() {
    if (Double.isNaN(initialLr)) {
      initialLr = options.lr();
    }
    return initialLr;
  }

  /** For schedulers that bring their own rate to start from. */
  public void setInitialLr(double value) {
    initialLr = value;
  }

  void describe(ObjectNode json) {
    options.describe(json);
    if (!Double.isNaN(initialLr)) {
      json.put(INITIAL_LR, initialLr);
    }
  }

  void restore(O restored, JsonNode json) {
    options = restored;
    initialLr = OptimizerOptions.number(json, INITIAL_LR, Double.NaN);
  }
}
