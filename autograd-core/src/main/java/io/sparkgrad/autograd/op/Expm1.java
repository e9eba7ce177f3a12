// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/** Elementwise {@code eˣ − 1}, accurate near 0; saves its result. */
public final class Expm1 {
  private Expm1() {}

  public static Tensor of(Tensor x) {
    Tensor y = Kernels.unary("expm1", UnaryKernel.EXPM1, 0, x);
    return Tape.record("Expm1", y, new Tensor[] {x}, saver -> new Gradient(saver.saveResult()));
  }

  private record Gradient(SavedTensor y) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.mul(y.get().add(1)));
    }
  }
}
