// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import org.jspecify.annotations.Nullable;

/**
 * The backward formula of one operation. Implemented by a private record next to the forward code,
 * whose components are exactly what it saved. Formulas are written with differentiable operations,
 * so that they are recorded in turn when the caller asked for {@code createGraph}.
 */
@FunctionalInterface
public interface Backward {
  /**
   * The gradients for the inputs.
   *
   * @param gradOutput gradient of the operation's result, of its shape and type
   * @param needs which inputs want one; for the others nothing is to be computed
   * @return one entry per input, null where none is needed or the input has no influence. An entry
   *     may have the broadcast shape: the engine sums it to the input's. What the formula made
   *     belongs to the engine from then on.
   */
  @Nullable Tensor[] backward(Tensor gradOutput, Needs needs);

  /** Which inputs of a node want a gradient. */
  @FunctionalInterface
  interface Needs {
    boolean input(int index);
  }

  /** Lists gradients, so that formulas read {@code return grads(a, b)}. */
  static @Nullable Tensor[] grads(@Nullable Tensor... grads) {
    return grads;
  }
}
