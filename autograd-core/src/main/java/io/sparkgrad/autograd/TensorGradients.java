// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.BufferScope;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The part of {@link Tensor} that is about its gradient: what a backward pass leaves in it, and the
 * functions that see it pass.
 */
public abstract sealed class TensorGradients extends TensorOperations permits TensorHistory {
  private @Nullable Tensor grad;
  private boolean retainsGrad;

  // The gradient

  /**
   * The accumulated gradient; null before a backward pass reached it, and for tensors that do not
   * keep one.
   */
  public final @Nullable Tensor grad() {
    return grad;
  }

  /** Replaces the gradient; null clears it. */
  public final void setGrad(@Nullable Tensor value) {
    if (value != null) {
      if (value == this) {
        throw new AutogradException("a tensor cannot be its own gradient.");
      }
      Tensor t = self();
      if (!value.shape().equals(t.shape())
          || value.dtype() != t.dtype()
          || value.backend() != t.backend()) {
        throw new AutogradException(
            "attempting to assign a gradient of size %s, %s on %s to a tensor of size %s, %s on %s"
                .formatted(
                    value.shape(),
                    value.dtype(),
                    value.backend().name(),
                    t.shape(),
                    t.dtype(),
                    t.backend().name()));
      }
    }
    grad = value == null ? null : TensorScope.living(value, self());
  }

  /**
   * Drops the gradient, and leaves its memory to the innermost {@link TensorScope}; or overwrites
   * it with zeros in place and takes its history from it.
   */
  public final void zeroGrad(boolean setToNull) {
    Tensor before = grad;
    if (before == null || setToNull) {
      if (before != null) {
        BufferScope.leave(before.buffer());
      }
      grad = null;
      return;
    }
    grad = before.requiresGrad() ? before.detach() : before;
    try (var mode = GradMode.noGrad()) {
      grad.zero_();
    }
  }

  /** Makes a tensor that is not a leaf keep its gradient in {@link #grad()} as well. */
  public final void retainGrad() {
    if (!self().requiresGrad()) {
      throw new AutogradException("can't retain_grad on a tensor that has requires_grad=False.");
    }
    Node node = self().gradFn();
    if (node != null && !retainsGrad) {
      retainsGrad = true;
      node.hooks(self().outputNr()).retain(this::retain);
    }
  }

  public final boolean retainsGrad() {
    return retainsGrad;
  }

  /** The gradient that is retained is from now on that of another output; null ends it. */
  final void moveRetained(TensorHooks from, @Nullable TensorHooks to) {
    from.retain(null);
    retainsGrad = to != null;
    if (to != null) {
      to.retain(this::retain);
    }
  }

  private void retain(Tensor g) {
    accumulateGrad(g, false); // it goes on through the graph
  }

  /**
   * Adds a gradient; called with the leaf's node locked, so that concurrent passes lose nothing.
   *
   * @param mine whether nobody else holds {@code g}, so that it may become the gradient itself
   */
  final void accumulateGrad(Tensor g, boolean mine) {
    Tensor before = grad;
    boolean createGraph = GradMode.isEnabled(); // the gradient is itself differentiable
    if (before != null && !createGraph && !before.requiresGrad()) {
      before.add_(g);
      return;
    }
    Tensor sum;
    if (before != null) {
      sum = before.add(g);
    } else if (createGraph) {
      sum = g.copy();
    } else { // never aliases what the caller, another leaf or a saved tensor holds
      sum = mine ? g.detach() : g.detach().copy();
      sum.storage().disown();
    }
    grad = TensorScope.living(sum, self());
  }

  // Hooks

  /**
   * Calls {@code hook} with the summed gradient of this tensor in each backward pass, before
   * anything uses it; what it returns, if not null, takes the gradient's place.
   */
  public final Handle registerHook(UnaryOperator<@Nullable Tensor> hook) {
    Edge edge = self().gradEdge();
    if (edge == null) {
      throw new AutogradException(
          "cannot register a hook on a tensor that doesn't require gradient.");
    }
    return edge.node().hooks(edge.outputNr()).add(hook);
  }

  /**
   * Calls {@code hook} with this leaf whenever its {@code grad} was brought up to date by a
   * backward pass.
   */
  public final Handle registerPostAccumulateGradHook(Consumer<Tensor> hook) {
    if (!self().isLeaf()) {
      throw new AutogradException(
          "post accumulate grad hooks cannot be registered on non-leaf tensors.");
    }
    if (!self().requiresGrad()) {
      throw new AutogradException(
          "cannot register a hook on a tensor that doesn't require gradient.");
    }
    return self().accumulator().addPostHook(hook);
  }

  // Backward

  /** Accumulates the gradient of this one-element tensor into the leaves it depends on. */
  public final void backward() {
    backward(null, Autograd.Options.DEFAULT);
  }

  /**
   * As {@link #backward()} for a tensor of any shape, given the gradient of something that depends
   * on it.
   */
  public final void backward(Tensor gradient) {
    backward(gradient, Autograd.Options.DEFAULT);
  }

  public final void backward(@Nullable Tensor gradient, Autograd.Options options) {
    Autograd.backward(List.of(self()), Arrays.asList(gradient), options);
  }
}
