// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.function.UnaryOperator;

/**
 * Records operations that write into a tensor, see {@link Tape} for all others. The tensor object
 * stays, and gets new values, a new history and a version one higher; what was saved of it before
 * keeps its history, and notices the write when it is needed. A write through a view is one into
 * its base.
 */
public final class InPlaceTape {
  private InPlaceTape() {}

  /**
   * Whether a write has to be recorded, or else may go straight into the buffer.
   *
   * @throws AutogradException if it must not happen: into a leaf that requires a gradient, through
   *     a view of one, through one that was taken while nothing was recorded, or where it would
   *     escape the version check
   */
  public static boolean records(String op, Tensor target, Tensor... operands) {
    target.checkWritable(op);
    if (!Modes.current().records()) {
      return false;
    }
    checkLeaf(op, target, "write under GradMode.noGrad(), or out of place.");
    View view = target.view();
    boolean any = target.requiresGrad() || (view != null && view.base().requiresGrad());
    for (Tensor t : operands) {
      any |= t.requiresGrad();
    }
    boolean recorded = any && target.dtype().isFloatingPoint();
    if (recorded && view != null && !view.tracked()) {
      throw takenUnderNoGrad(op);
    }
    return recorded;
  }

  /** Refuses a leaf that requires a gradient, and a view of one. */
  static void checkLeaf(String op, Tensor target, String remedy) {
    if (target.isLeaf() && target.requiresGrad()) {
      throw new AutogradException(
          op
              + ": a leaf Variable that requires grad is being used in an in-place operation; "
              + remedy);
    }
    View view = target.view();
    if (view != null && view.base().isLeaf() && view.base().requiresGrad()) {
      throw new AutogradException(
          op
              + ": a view of a leaf Variable that requires grad is being used in an in-place operation; "
              + remedy);
    }
  }

  /** Nobody recorded how such a view depends on its base. */
  private static AutogradException takenUnderNoGrad(String op) {
    return new AutogradException(
        op
            + ": a view was created in no_grad mode and is being modified in place with grad mode enabled; clone it first.");
  }

  /** Refuses a view as what a {@link Function} writes: its node is none of the base's shape. */
  static void checkNoView(String op, Tensor target) {
    View view = target.view();
    if (view == null) {
      return;
    }
    if (!view.tracked()) {
      throw takenUnderNoGrad(op);
    }
    throw new UnsupportedOperationException(
        op
            + ": writing in place through a view while recording is not supported in a Function; clone it first, or write into the tensor it was taken from.");
  }

  /**
   * Overwrites {@code target} with what {@code operation} makes of its values, which has to be a
   * new tensor of the same shape and type; recorded as every operation. What the operation saves of
   * its argument are the values before.
   *
   * @return {@code target}
   */
  public static Tensor rewrite(Tensor target, UnaryOperator<Tensor> operation) {
    Tensor result = operation.apply(target.before());
    View view = target.view();
    if (view == null) {
      return target.rewritten(result);
    }
    view.base().rewritten(result.reshape(view.base().shape().dims()));
    return target; // which finds its new history as every view of this base
  }
}
