// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/** Elementwise {@code |x|}, with derivative 0 at 0 and NaN; saves its input. */
public final class Abs {
  private Abs() {}

  public static Tensor of(Tensor x) {
    Tensor y = Kernels.unary("abs", UnaryKernel.ABS, 0, x);
    return Tape.record("Abs", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x)));
  }

  private record Gradient(SavedTensor x) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.mul(x.get().sign()));
    }
  }
}
