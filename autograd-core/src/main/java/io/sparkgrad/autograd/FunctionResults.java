// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import org.jspecify.annotations.Nullable;

/** Gives what a custom {@link Function} returned its place in the graph. */
final class FunctionResults {
  private final Function function;
  private final Function.Context ctx;
  private final Tensor[] inputs;
  private final Tensor[] results;

  FunctionResults(Function function, Function.Context ctx, Tensor[] inputs, Tensor[] results) {
    this.function = function;
    this.ctx = ctx;
    this.inputs = inputs;
    this.results = results;
  }

  /**
   * @param next one edge per input; null if nothing is recorded
   */
  Tensor[] connected(@Nullable Edge @Nullable [] next) {
    checkDirty(next != null);
    FunctionNode node = next == null ? null : new FunctionNode(function, ctx, results, next);
    Tensor[] connected = new Tensor[results.length];
    for (int i = 0; i < results.length; i++) {
      connected[i] = connected(results[i], i, node);
    }
    @Nullable Tensor[] toSave = ctx.takeToSave();
    if (node != null) {
      ctx.saved(saved(toSave, connected, node));
    }
    return connected;
  }

  private Tensor connected(Tensor result, int outputNr, @Nullable FunctionNode node) {
    boolean written = contains(ctx.dirty(), result);
    Tensor tensor = contains(inputs, result) && !written ? result.detach() : result;
    boolean differentiable =
        !contains(ctx.nonDifferentiable(), result) && result.dtype().isFloatingPoint();
    if (Modes.current().watched) {
      Node made = differentiable ? node : null;
      Trace.note(function.name(), tensor, inputs, made, Modes.current().records());
    }
    if (node == null || !differentiable) {
      return tensor;
    }
    return written ? tensor.rewrittenBy(node, outputNr) : tensor.withHistory(node, outputNr);
  }

  private @Nullable SavedTensor[] saved(
      @Nullable Tensor[] toSave, Tensor[] connected, FunctionNode node) {
    @Nullable SavedTensor[] saved = new SavedTensor[toSave.length];
    for (int i = 0; i < toSave.length; i++) {
      Tensor tensor = toSave[i];
      if (tensor != null) {
        for (int j = 0; j < results.length; j++) {
          // A result that was saved before it had a history is saved with it.
          tensor = tensor == results[j] && !contains(inputs, tensor) ? connected[j] : tensor;
        }
        saved[i] = new SavedTensor(node, tensor);
      }
    }
    return saved;
  }

  private void checkDirty(boolean recorded) {
    for (Tensor t : ctx.dirty()) {
      if (!contains(inputs, t) || !contains(results, t)) {
        throw new AutogradException(
            "%s: expected every tensor that is marked dirty to be an input and to be returned, got one of shape %s that is not"
                .formatted(function.name(), t.shape()));
      }
      if (recorded) {
        InPlaceTape.checkLeaf(function.name(), t, "pass a clone.");
        InPlaceTape.checkNoView(function.name(), t);
      }
      t.bumpVersion();
    }
  }

  private static boolean contains(Tensor[] tensors, Tensor tensor) {
    for (Tensor t : tensors) {
      if (t == tensor) {
        return true;
      }
    }
    return false;
  }
}
