// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;

/** Axes in another order. A copy: a write to it does not reach the tensor whose axes they were. */
public final class Permute {
  private Permute() {}

  /** A matrix with its axes reversed; a vector or a scalar as it is. */
  public static Tensor t(Tensor x) {
    if (x.rank() > 2) {
      throw new ShapeMismatchException(
          "t: expected a tensor of at most 2 axes, got shape %s; name the axes with transpose"
              .formatted(x.shape()));
    }
    return x.rank() < 2 ? x : of(x, 1, 0);
  }

  public static Tensor of(Tensor x, int... axes) {
    int rank = x.rank();
    if (axes.length != rank) {
      throw new ShapeMismatchException(
          "permute: expected %d axes for shape %s, got %s"
              .formatted(rank, x.shape(), Arrays.toString(axes)));
    }
    x.shape().axisMask(axes); // each axis once
    long[] from = x.shape().strides();
    long[] dims = new long[rank];
    long[] strides = new long[rank];
    int[] inverse = new int[rank];
    for (int i = 0; i < rank; i++) {
      int axis = x.shape().axis(axes[i]);
      dims[i] = x.size(axis);
      strides[i] = from[axis];
      inverse[axis] = i;
    }
    Shape shape = Shape.of(dims);
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    x.backend()
        .copy(
            shape, x.buffer(), new Layout(0, strides), y.buffer(), new Layout(0, shape.strides()));
    return Tape.record(
        "Permute", y, new Tensor[] {x}, saver -> (g, needs) -> grads(g.permute(inverse)));
  }
}
