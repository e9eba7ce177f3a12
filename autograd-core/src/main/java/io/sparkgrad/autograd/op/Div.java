// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import org.jspecify.annotations.Nullable;

/** {@code a/b} with broadcasting; saves b, and a only if b wants a gradient. */
public final class Div {
  private Div() {}

  public static Tensor of(Tensor left, Tensor right) {
    DType dtype = Kernels.promoted(left, right);
    Tensor a = left.to(dtype);
    Tensor b = right.to(dtype);
    Tensor y = Kernels.binary("div", BinaryKernel.DIV, a, b);
    return Tape.record(
        "Div",
        y,
        new Tensor[] {a, b},
        saver -> new Gradient(saver.saveIf(saver.needs(1), a), saver.save(b)));
  }

  /** {@code x/c}. */
  public static Tensor of(Tensor x, double c) {
    Kernels.floating("div", x);
    Tensor divisor = Tensor.zeros(Shape.scalar(), x.dtype(), x.backend()).fill_(c);
    Tensor y = Kernels.binary("div", BinaryKernel.DIV, x, divisor);
    return Tape.record("Div", y, new Tensor[] {x}, saver -> (g, needs) -> grads(g.div(c)));
  }

  /** {@code ∂/∂a = g/b}, {@code ∂/∂b = −g·a/b²}, without b², which overflows long before b. */
  private record Gradient(@Nullable SavedTensor a, SavedTensor b) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor divisor = b.get();
      return grads(
          needs.input(0) ? g.div(divisor) : null,
          needs.input(1) && a != null ? g.mul(a.get().div(divisor)).div(divisor).neg() : null);
    }
  }
}
