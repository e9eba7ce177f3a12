// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.Backward.grads;

import org.jspecify.annotations.Nullable;

/**
 * What a reshaped tensor knows of the tensor it shares storage with. Both have the same elements in
 * the same order: a write through the view is a write into the base, and the history of the view is
 * a reshape of that of the base. A recorded write gives the base another history; its views find
 * theirs again when they are next asked for it.
 *
 * @param base the tensor that is itself no view
 * @param rewrites how often the base had been given a new history when the view's was found
 * @param tracked whether the view was taken while recording; if not it keeps the history it has,
 *     and no write through it can be recorded
 */
record View(Tensor base, int rewrites, boolean tracked) {
  static View of(Tensor source) {
    View outer = source.view();
    boolean records = Modes.current().records();
    if (outer == null) {
      return new View(source, source.rewrites(), records);
    }
    int rewrites = outer.tracked ? outer.base.rewrites() : outer.rewrites;
    return new View(outer.base, rewrites, outer.tracked && records);
  }

  /** Whether the base was given a new history since, which the view has to follow. */
  boolean isStale() {
    return tracked && base.rewrites() != rewrites;
  }

  /** Refuses values whose history was not recorded though that of the base was. */
  void checkUsable() {
    if (!tracked && base.rewrites() != rewrites) {
      throw new AutogradException(
          "a view was created in no_grad mode and its base of shape %s has been modified in place with grad mode enabled; take the view again after the write, or clone it before."
              .formatted(base.shape()));
    }
  }

  View renewed() {
    return new View(base, base.rewrites(), tracked);
  }

  /** Makes the node of this view as a reshape of the base; null if the base wants no gradient. */
  @Nullable Node history(Tensor view) {
    Edge edge = base.edgeOfViews();
    long[] dims = base.shape().dims();
    return edge == null
        ? null
        : new OpNode(
            "Reshape", view, new Edge[] {edge}, saver -> (g, needs) -> grads(g.reshape(dims)));
  }
}
