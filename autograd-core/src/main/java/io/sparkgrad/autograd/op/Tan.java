// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/** Elementwise tangent; saves its result. */
public final class Tan {
  private Tan() {}

  public static Tensor of(Tensor x) {
    Tensor y =
        Kernels.binary(
            "tan",
            BinaryKernel.DIV,
            Kernels.unary("tan", UnaryKernel.SIN, 0, x),
            Kernels.unary("tan", UnaryKernel.COS, 0, x));
    return Tape.record("Tan", y, new Tensor[] {x}, saver -> new Gradient(saver.saveResult()));
  }

  private record Gradient(SavedTensor y) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.mul(y.get().square().add(1)));
    }
  }
}
