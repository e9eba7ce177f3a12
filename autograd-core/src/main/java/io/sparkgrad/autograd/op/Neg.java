// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/** Elementwise {@code −x}; saves nothing. */
public final class Neg {
  private Neg() {}

  public static Tensor of(Tensor x) {
    Tensor y = Kernels.unary("neg", UnaryKernel.NEG, 0, x);
    return Tape.record("Neg", y, new Tensor[] {x}, saver -> new Gradient());
  }

  private record Gradient() implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.neg());
    }
  }
}
