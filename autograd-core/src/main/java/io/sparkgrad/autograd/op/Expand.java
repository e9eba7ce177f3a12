// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/**
 * Stretches axes of size 1, and adds axes in front. A copy, unless nothing stretches: a write to it
 * does not reach the tensor. The engine sums the gradient back.
 */
public final class Expand {
  private Expand() {}

  /** To these sizes; a -1 keeps the size of an axis that the tensor has. */
  public static Tensor of(Tensor x, long... sizes) {
    long[] dims = sizes.clone();
    int added = dims.length - x.rank();
    for (int i = Math.max(0, added); i < dims.length; i++) {
      dims[i] = dims[i] == -1 ? x.size(i - added) : dims[i];
    }
    return of(x, Shape.of(dims));
  }

  public static Tensor of(Tensor x, Shape shape) {
    if (x.shape().equals(shape)) {
      return x;
    }
    if (!Broadcasting.stretches(x.shape(), shape)) {
      throw new ShapeMismatchException(
          "expand: expected a shape to which %s stretches, got %s".formatted(x.shape(), shape));
    }
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    x.backend()
        .copy(
            shape,
            x.buffer(),
            new Layout(0, Broadcasting.strides(x.shape(), shape)),
            y.buffer(),
            new Layout(0, shape.strides()));
    return Tape.record("Expand", y, new Tensor[] {x}, saver -> (g, needs) -> grads(g));
  }
}
