// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/** Elementwise square root; saves its result. {@code ∂ = g/(2y)}. */
public final class Sqrt {
  private Sqrt() {}

  public static Tensor of(Tensor x) {
    Tensor y = Kernels.unary("sqrt", UnaryKernel.SQRT, 0, x);
    return Tape.record("Sqrt", y, new Tensor[] {x}, saver -> new Gradient(saver.saveResult()));
  }

  private record Gradient(SavedTensor y) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.div(y.get().mul(2)));
    }
  }
}
