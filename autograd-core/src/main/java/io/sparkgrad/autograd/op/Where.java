// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import org.jspecify.annotations.Nullable;

/**
 * Chooses element by element, with broadcasting; saves the condition.
 *
 * <p>What is not chosen gets a gradient of 0, and hands it on: if its own derivative is infinite
 * there, as that of {@code sqrt} at 0, the product is NaN, as in PyTorch. Keep the argument of such
 * a function inside its domain instead.
 */
public final class Where {
  private Where() {}

  /** {@code a} where the condition is not 0, else {@code b}; a BOOL or what a comparison gave. */
  public static Tensor of(Tensor condition, Tensor left, Tensor right) {
    DType dtype = Kernels.promoted(left, right);
    Tensor a = left.to(dtype);
    Tensor b = right.to(dtype);
    Tensor c = condition.detach().to(dtype);
    Tensor chosen = Kernels.binary("where", BinaryKernel.MASK, a, c);
    Tensor rest = Kernels.binary("where", BinaryKernel.MASK, b, not(c));
    Tensor y = Kernels.binary("where", BinaryKernel.ADD, chosen, rest);
    return Tape.record("Where", y, new Tensor[] {a, b}, saver -> new Gradient(saver.save(c)));
  }

  private record Gradient(SavedTensor condition) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor c = condition.get();
      return grads(needs.input(0) ? masked(g, c) : null, needs.input(1) ? masked(g, not(c)) : null);
    }
  }

  /** {@code x} where the mask, a constant of x's type, is not 0, else 0 whatever x is. */
  public static Tensor masked(Tensor x, Tensor mask) {
    Tensor y = Kernels.binary("masked", BinaryKernel.MASK, x, mask);
    return Tape.record("Masked", y, new Tensor[] {x}, saver -> new MaskGradient(saver.save(mask)));
  }

  private record MaskGradient(SavedTensor mask) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(masked(g, mask.get()));
    }
  }

  /** 1 where the mask is 0, else 0. */
  static Tensor not(Tensor mask) {
    return Compare.of(BinaryKernel.EQ, mask, Kernels.scalar(mask, 0));
  }
}
