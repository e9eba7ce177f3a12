// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/** Elementwise {@code ln(1 + x)}, accurate near 0; saves its input. */
public final class Log1p {
  private Log1p() {}

  public static Tensor of(Tensor x) {
    Tensor y = Kernels.unary("log1p", UnaryKernel.LOG1P, 0, x);
    return Tape.record("Log1p", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x)));
  }

  private record Gradient(SavedTensor x) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.div(x.get().add(1)));
    }
  }
}
