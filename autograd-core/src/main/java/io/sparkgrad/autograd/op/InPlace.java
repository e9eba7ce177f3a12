// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.ShapeMismatchException;

/**
 * Writing into a tensor. Each call raises the version that saved tensors are checked against.
 * Writes are not recorded: where a graph would be, they are refused.
 */
public final class InPlace {
  private InPlace() {}

  public static Tensor fill(Tensor target, double value) {
    refuseIfRecorded("fill_", target);
    target.backend().fill(target.buffer(), value);
    return target.written();
  }

  /** {@code target ← source}, converting. */
  public static Tensor copy(Tensor target, Tensor source) {
    refuseIfRecorded("copy_", target, source);
    sameShape("copy_", target, source);
    Tensor s = source.detach().to(target.dtype());
    Kernels.sameDevice("copy_", target, s);
    Layout dense = new Layout(0, target.shape().strides());
    target.backend().copy(target.shape(), s.buffer(), dense, target.buffer(), dense);
    return target.written();
  }

  /** {@code target ← target + alpha·x}. */
  public static Tensor add(Tensor target, Tensor x, double alpha) {
    refuseIfRecorded("add_", target, x);
    sameShape("add_", target, x);
    Kernels.together("add_", target, x);
    target.backend().axpy(alpha, x.buffer(), target.buffer());
    return target.written();
  }

  /** {@code target ← factor·target}. */
  public static Tensor mul(Tensor target, double factor) {
    refuseIfRecorded("mul_", target);
    Kernels.floating("mul_", target);
    target.backend().unary(UnaryKernel.SCALE, factor, target.buffer(), target.buffer());
    return target.written();
  }

  private static void sameShape(String op, Tensor target, Tensor source) {
    if (!target.shape().equals(source.shape())) {
      throw new ShapeMismatchException(
          "%s: expected a tensor of shape %s, got %s"
              .formatted(op, target.shape(), source.shape()));
    }
  }

  private static void refuseIfRecorded(String op, Tensor target, Tensor... operands) {
    target.checkWritable(op);
    if (!GradMode.isEnabled()) {
      return;
    }
    if (target.requiresGrad() && target.isLeaf()) {
      throw new AutogradException(
          op
              + ": a leaf Variable that requires grad is being used in an in-place operation; write under"
              + " GradMode.noGrad(), or out of place.");
    }
    boolean recorded = target.requiresGrad();
    for (Tensor t : operands) {
      recorded |= t.requiresGrad();
    }
    if (recorded) {
      throw new UnsupportedOperationException(
          op
              + ": writing in place into the graph is not supported: use the operation that returns a new tensor,"
              + " or write under GradMode.noGrad().");
    }
  }
}
