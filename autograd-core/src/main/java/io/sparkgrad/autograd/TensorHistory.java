// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import org.jspecify.annotations.Nullable;

/**
 * The part of {@link Tensor} that is its place in the graph: a leaf that may require a gradient, or
 * the result of a node. A write in place that is recorded gives it another.
 */
public abstract sealed class TensorHistory extends TensorGradients permits Tensor {
  private boolean leafRequiresGrad;
  private @Nullable Node gradFn;
  private int outputNr;
  private @Nullable AccumulateGrad accumulator;
  private volatile @Nullable View view;
  private boolean inferenceView;
  private int rewrites;

  /** What views that have yet to follow the last write follow since it was detached. */
  private @Nullable Edge detachedFrom;

  private @Nullable Trace trace;

  public final boolean requiresGrad() {
    return gradFn() != null || leafRequiresGrad;
  }

  /** Whether no operation that was recorded made it. */
  public final boolean isLeaf() {
    return gradFn() == null;
  }

  /** The node that made it; null for a leaf. */
  public final @Nullable Node gradFn() {
    followBase();
    return gradFn;
  }

  /** Which result of {@link #gradFn()} it is; 0 for a leaf. */
  public final int outputNr() {
    followBase();
    return outputNr;
  }

  public final Tensor requiresGrad_() {
    return requiresGrad_(true);
  }

  /**
   * Says whether a gradient is wanted: {@code false} freezes a parameter. Takes effect at the next
   * forward pass.
   */
  public final Tensor requiresGrad_(boolean value) {
    setRequiresGrad(value);
    return self();
  }

  final void setRequiresGrad(boolean value) {
    if (!isLeaf()) {
      if (!value) {
        throw new AutogradException(
            "you can only change requires_grad flags of leaf tensors; use detach() for a tensor without history.");
      }
      return;
    }
    if (value && self().isInference() && !Modes.current().inference) {
      throw new AutogradException(
          "requires_grad_: setting requires_grad=True on inference tensor outside inference mode is not allowed; clone it.");
    }
    if (value && !self().dtype().isFloatingPoint()) {
      throw new AutogradException(
          "only tensors of floating point dtype can require gradients, got " + self().dtype());
    }
    leafRequiresGrad = value;
  }

  /**
   * Turns this tensor into a leaf without history that requires no gradient; views of it keep
   * theirs.
   */
  public final Tensor detach_() {
    if (view() != null) {
      throw new AutogradException(
          "can't detach views in-place; use detach(), or detach the tensor it was taken from.");
    }
    detachedFrom = rewrites == 0 ? null : gradEdge(); // no view follows a base never rewritten
    changeHistory(null, 0);
    leafRequiresGrad = false;
    return self();
  }

  // Views

  /** Which tensor it is a view of; null if of none. */
  final @Nullable View view() {
    View v = view;
    return v != null && v.base().sharesStorage(self()) ? v : null; // setData ends it
  }

  final void setView(View value) {
    view = value;
  }

  private void followBase() {
    View v = view();
    if (v != null && v.isStale()) {
      renewHistory();
    }
  }

  private synchronized void renewHistory() {
    View v = view();
    if (v == null || !v.isStale()) {
      return; // another thread was first
    }
    Node node = v.history(self());
    changeHistory(node, 0);
    if (Modes.current().watched) {
      Trace.note("Reshape", self(), new Tensor[] {v.base()}, node, true);
    }
    view = v.renewed(); // last: who sees it sees the history
  }

  /** Where the gradient of a view of this base goes. */
  final @Nullable Edge edgeOfViews() {
    Edge edge = gradEdge();
    return edge == null ? detachedFrom : edge;
  }

  /** A view of a normal tensor stays one, and keeps what its base says about gradients. */
  final void viewedInInference(Tensor[] inputs) {
    for (Tensor base : inputs) {
      if (base.sharesStorage(self()) && base.requiresGrad()) {
        leafRequiresGrad = true;
        inferenceView = true;
      }
    }
  }

  /** Whether it is such a view: none that a write could be recorded for. */
  final boolean isInferenceView() {
    return inferenceView;
  }

  // Writes in place

  /** How often a recorded write gave it a new history. */
  final int rewrites() {
    return rewrites;
  }

  /** Values and history of this tensor as they are, whatever is written into it later. */
  final Tensor before() {
    Tensor before = withThisHistory(Tensor.wrap(self().buffer(), self().shape()));
    before.setTrace(trace);
    return before;
  }

  /** Takes values and place in the graph of {@code result}, for a write that is recorded. */
  final Tensor rewritten(Tensor result) {
    Node node = result.gradFn();
    if (node == null
        || !result.shape().equals(self().shape())
        || result.dtype() != self().dtype()) {
      throw new IllegalStateException("a write was not recorded as what it writes: " + result);
    }
    self().takeOver(result);
    trace = result.trace();
    return rewrittenBy(node, result.outputNr());
  }

  /** A new history for values that were written in place; the views follow. */
  final Tensor rewrittenBy(Node node, int output) {
    changeHistory(node, output);
    rewrites++;
    return self();
  }

  /** A retained gradient is that of the newest values. */
  private void changeHistory(@Nullable Node node, int output) {
    Node before = gradFn;
    if (before != null && retainsGrad()) {
      moveRetained(before.hooks(outputNr), node == null ? null : node.hooks(output));
    }
    gradFn = node;
    outputNr = output;
  }

  // For the rest of the engine

  /** An alias with today's history, for whoever needs that later. */
  final Tensor aliasWithHistory() {
    return withThisHistory(self().sharing(self().shape()));
  }

  private Tensor withThisHistory(Tensor other) {
    Node node = gradFn();
    return node == null ? other : other.withHistory(node, outputNr);
  }

  /** How it was computed; null unless {@link Trace#watch} was open. */
  final @Nullable Trace trace() {
    return trace;
  }

  final void setTrace(@Nullable Trace value) {
    trace = value;
  }

  final Tensor withHistory(Node node) {
    return withHistory(node, 0);
  }

  final Tensor withHistory(Node node, int output) {
    gradFn = node;
    outputNr = output;
    return self();
  }

  /** Where a gradient for this tensor goes; null if none is wanted. */
  final @Nullable Edge gradEdge() {
    View v = view();
    if (v != null) {
      v.checkUsable();
    }
    Node node = gradFn();
    if (node != null) {
      return new Edge(node, outputNr);
    }
    return leafRequiresGrad ? new Edge(accumulator(), 0) : null;
  }

  /** Forgets the node that gradients of another type would go to. */
  final void dropAccumulator() {
    accumulator = null;
  }

  final synchronized AccumulateGrad accumulator() {
    if (accumulator == null) {
      accumulator = new AccumulateGrad(self());
    }
    return accumulator;
  }
}
