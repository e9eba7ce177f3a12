// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Changes parameters by their gradients. A parameter without a gradient is left alone completely:
 * no decay, no momentum.
 *
 * @param <S> what is remembered of each parameter between steps
 */
public abstract class Optimizer<S> {
  private final List<? extends Tensor> parameters;
  private final IdentityHashMap<Tensor, S> state = new IdentityHashMap<>();

  Optimizer(List<? extends Tensor> parameters) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException(
          "optimizer: got an empty parameter list; is every layer frozen?");
    }
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Tensor p : parameters) {
      if (!p.isLeaf()) {
        throw new IllegalArgumentException("optimizer: can't optimize a non-leaf tensor: " + p);
      }
      if (!seen.add(p)) {
        throw new IllegalArgumentException(
            "optimizer: a parameter appears in more than one parameter group or twice: " + p);
      }
    }
    this.parameters = List.copyOf(parameters);
  }

  /** Updates every parameter that has a gradient, under noGrad. */
  public final void step() {
    try (var mode = GradMode.noGrad()) {
      for (Tensor p : parameters) {
        Tensor grad = p.grad();
        if (grad != null) {
          update(p, grad, state.computeIfAbsent(p, this::newState));
          p.written();
        }
      }
    }
  }

  /** Drops all gradients. */
  public final void zeroGrad() {
    parameters.forEach(p -> p.setGrad(null));
  }

  abstract S newState(Tensor parameter);

  abstract void update(Tensor parameter, Tensor grad, S state);

  static void check(boolean ok, String what, Object value) {
    if (!ok) {
      throw new IllegalArgumentException("optimizer: Invalid %s: %s".formatted(what, value));
    }
  }
}
