// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/** {@code a·b} with broadcasting; saves each operand only if the other wants a gradient. */
public final class Mul {
  private Mul() {}

  public static Tensor of(Tensor left, Tensor right) {
    DType dtype = Kernels.promoted(left, right);
    Tensor a = left.to(dtype);
    Tensor b = right.to(dtype);
    Tensor y = Kernels.binary("mul", BinaryKernel.MUL, a, b);
    return Tape.record(
        "Mul",
        y,
        new Tensor[] {a, b},
        saver -> new Gradient(saver.saveIf(saver.needs(1), a), saver.saveIf(saver.needs(0), b)));
  }

  private record Gradient(@Nullable SavedTensor a, @Nullable SavedTensor b) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(
          needs.input(0) && b != null ? g.mul(b.get()) : null,
          needs.input(1) && a != null ? g.mul(a.get()) : null);
    }
  }

  /** {@code c·x}. */
  public static Tensor of(Tensor x, double c) {
    Tensor y = Kernels.unary("mul", UnaryKernel.SCALE, c, x);
    return Tape.record("Mul", y, new Tensor[] {x}, saver -> (g, needs) -> grads(g.mul(c)));
  }
}
