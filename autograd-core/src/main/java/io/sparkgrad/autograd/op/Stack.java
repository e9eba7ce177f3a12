// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;

/** Tensors of one shape along a new axis: {@code torch.stack}. */
public final class Stack {
  private Stack() {}

  public static Tensor of(List<Tensor> tensors, int axis) {
    if (tensors.isEmpty()) {
      throw new ShapeMismatchException("stack: expected at least one tensor, got none");
    }
    Tensor first = tensors.get(0);
    for (Tensor t : tensors) {
      if (!t.shape().equals(first.shape())) {
        throw new ShapeMismatchException(
            "stack: expected tensors of one shape, got %s and %s"
                .formatted(first.shape(), t.shape()));
      }
    }
    return Concat.of(tensors.stream().map(t -> Squeeze.un(t, axis)).toList(), axis);
  }
}
