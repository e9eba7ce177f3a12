// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/** Comparisons and the place of a maximum; not differentiable. */
public final class Compare {
  private Compare() {}

  /** 1 where the comparison holds, else 0, in the operands' type. */
  public static Tensor of(BinaryKernel kernel, Tensor a, Tensor b) {
    return Kernels.binary("compare", kernel, a, b);
  }

  /** 1 where x is above 0, else 0. */
  static Tensor positive(Tensor x) {
    return of(BinaryKernel.GT, x, Tensor.zeros(Shape.scalar(), x.dtype(), x.backend()));
  }

  /** 1 where x is above c, else 0. */
  static Tensor above(Tensor x, double c) {
    return of(BinaryKernel.GT, x, Kernels.scalar(x, c));
  }

  /** The index of the first maximum along the last axis, INT64. */
  public static Tensor argmax(Tensor x) {
    Kernels.floating("argmax", x);
    if (x.rank() == 0) { // as a vector of one
      return argmax(x.reshape(1));
    }
    if (x.size(-1) == 0) {
      throw new ShapeMismatchException(
          "argmax: expected a last axis of 1 or more, got shape " + x.shape());
    }
    long columns = x.size(-1);
    boolean[] last = x.shape().axisMask(-1);
    Tensor y = Tensor.zeros(x.shape().reduced(last, false), DType.INT64, x.backend());
    x.backend().argmaxLastAxis(x.buffer(), y.numel(), columns, y.buffer());
    return y;
  }
}
