// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.shape.Shape;
import org.jspecify.annotations.Nullable;

/** Sum over axes (all, if none is named); saves shapes only. */
public final class Sum {
  private Sum() {}

  public static Tensor of(Tensor x, boolean keepDim, int... axes) {
    Kernels.floating("sum", x);
    boolean[] mask = x.shape().axisMask(axes);
    Tensor y = Tensor.zeros(x.shape().reduced(mask, keepDim), x.dtype(), x.backend());
    x.backend().reduce(ReduceKernel.SUM, x.buffer(), x.shape(), mask, y.buffer());
    Shape kept = x.shape().reduced(mask, true);
    return Tape.record("Sum", y, new Tensor[] {x}, saver -> new Gradient(x.shape(), kept));
  }

  private record Gradient(Shape shape, Shape kept) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.reshape(kept.dims()).expand(shape.dims()));
    }
  }
}
