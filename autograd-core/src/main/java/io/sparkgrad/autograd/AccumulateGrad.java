// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The end of the graph at a leaf: adds what arrives to the leaf's {@code grad}. */
final class AccumulateGrad extends Node {
  private final Tensor leaf;
  private final List<Entry> postHooks = new CopyOnWriteArrayList<>();

  private record Entry(Consumer<Tensor> hook) {}

  AccumulateGrad(Tensor leaf) {
    super("AccumulateGrad", new Output[] {Output.of(leaf)}, true);
    this.leaf = leaf;
  }

  @Override
  public Tensor variable() {
    return leaf;
  }

  Handle addPostHook(Consumer<Tensor> hook) {
    Entry entry = new Entry(hook);
    postHooks.add(entry);
    return () -> postHooks.remove(entry);
  }

  @Override
  @Nullable Tensor[] apply(@Nullable Tensor[] gradOutputs, Backward.Needs needs) {
    Tensor gradOutput = gradOutputs[0];
    // Frozen between forward and backward: nothing is accumulated.
    if (gradOutput != null && leaf.requiresGrad()) {
      leaf.accumulateGrad(gradOutput, gradOutput.storage().isOwnedByEngine());
      postHooks.forEach(e -> e.hook.accept(leaf));
    }
    return new Tensor[0];
  }
}
