// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise {@code xᶜ} for a constant c; saves its input. The derivative of {@code x⁰} is 0
 * everywhere.
 */
public final class Pow {
  private Pow() {}

  public static Tensor of(Tensor x, double c) {
    Tensor y = Kernels.unary("pow", UnaryKernel.POW, c, x);
    return Tape.record(
        "Pow", y, new Tensor[] {x}, saver -> new Gradient(c, saver.saveIf(c != 0, x)));
  }

  private record Gradient(double c, @Nullable SavedTensor x) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(x == null ? Tensor.zerosLike(g) : g.mul(x.get().pow(c - 1).mul(c)));
    }
  }
}
