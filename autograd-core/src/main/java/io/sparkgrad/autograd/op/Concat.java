// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tensors one after the other along an axis: {@code torch.cat}. Saves sizes only. */
public final class Concat {
  private Concat() {}

  public static Tensor of(List<Tensor> tensors, int axis) {
    if (tensors.isEmpty()) {
      throw new ShapeMismatchException("cat: expected at least one tensor, got none");
    }
    Tensor first = tensors.get(0);
    int a = first.shape().axis(axis);
    long total = 0;
    for (Tensor t : tensors) {
      if (t.rank() != first.rank()
          || !t.shape().withSize(a, 1).equals(first.shape().withSize(a, 1))) {
        throw new ShapeMismatchException(
            "cat: expected shapes that agree but for axis %d, got %s and %s"
                .formatted(axis, first.shape(), t.shape()));
      }
      if (t.dtype() != first.dtype()) {
        throw new AutogradException(
            "cat: expected tensors of one dtype, got %s and %s"
                .formatted(first.dtype(), t.dtype()));
      }
      Kernels.sameDevice("cat", first, t);
      total += t.size(a);
    }
    Shape shape = first.shape().withSize(a, total);
    Tensor y = Tensor.zeros(shape, first.dtype(), first.backend());
    long[] sizes = new long[tensors.size()];
    long start = 0;
    for (int i = 0; i < sizes.length; i++) {
      Tensor t = tensors.get(i);
      sizes[i] = t.size(a);
      y.backend()
          .copy(
              t.shape(),
              t.buffer(),
              Slice.at(t.shape(), a, 0),
              y.buffer(),
              Slice.at(shape, a, start));
      start += sizes[i];
    }
    return Tape.record("Cat", y, tensors.toArray(Tensor[]::new), saver -> new Gradient(a, sizes));
  }

  private record Gradient(int axis, long[] sizes) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      @Nullable Tensor[] grads = new Tensor[sizes.length];
      long start = 0;
      for (int i = 0; i < sizes.length; i++) {
        grads[i] = needs.input(i) ? g.narrow(axis, start, sizes[i]) : null;
        start += sizes[i];
      }
      return grads;
    }
  }
}
