// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of one tensor: functions of its summed gradient, run before its node, and who keeps
 * that gradient.
 */
final class TensorHooks {
  private final List<Hook> hooks = new CopyOnWriteArrayList<>();
  private @Nullable Consumer<Tensor> retain;

  private record Hook(UnaryOperator<@Nullable Tensor> function) {}

  Handle add(UnaryOperator<@Nullable Tensor> function) {
    Hook hook = new Hook(function);
    hooks.add(hook);
    return () -> hooks.remove(hook);
  }

  void retain(@Nullable Consumer<Tensor> keeper) {
    retain = keeper;
  }

  /** Runs the hooks in the order of registration; the gradient is retained after all of them. */
  Tensor run(Tensor grad) {
    Tensor current = grad;
    for (Hook hook : hooks) {
      Tensor replaced = hook.function.apply(current);
      if (replaced != null) {
        if (!replaced.shape().equals(current.shape())) {
          throw new AutogradException(
              "a tensor hook changed the size of the gradient: expected %s, got %s"
                  .formatted(current.shape(), replaced.shape()));
        }
        current = replaced;
      }
    }
    if (retain != null) {
      retain.accept(current);
    }
    return current;
  }
}
