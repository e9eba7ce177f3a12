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

/** Elementwise {@code x·σ(x)}; saves its input. */
public final class Silu {
  private Silu() {}

  public static Tensor of(Tensor x) {
    Tensor y =
        Kernels.binary(
            "silu", BinaryKernel.MUL, x, Kernels.unary("silu", UnaryKernel.SIGMOID, 0, x));
    return Tape.record("Silu", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x)));
  }

  private record Gradient(SavedTensor x) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor s = x.get().sigmoid();
      Tensor rest = s.neg().add(1);
      return grads(g.mul(s).mul(x.get().mul(rest).add(1)));
    }
  }
}
