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

/**
 * Elementwise powers. {@code xᶜ} for a constant c saves its input, {@code cᵉ} its result, {@code
 * xᵉ} (with broadcasting) what the operands that want gradients need. The derivative of {@code x⁰}
 * by x is 0 everywhere, and that of {@code 0ᵉ} by e is 0 where e is not negative.
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

  public static Tensor of(double c, Tensor e) {
    Kernels.floating("pow", e);
    Tensor y = Kernels.binary("pow", BinaryKernel.POW, Kernels.scalar(e, c), e);
    return Tape.record(
        "Pow", y, new Tensor[] {e}, saver -> new ExponentGradient(saver.saveResult(), c));
  }

  private record ExponentGradient(SavedTensor y, double c) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(c == 0 ? Tensor.zerosLike(g) : g.mul(y.get()).mul(Math.log(c)));
    }
  }

  public static Tensor of(Tensor left, Tensor right) {
    DType dtype = Kernels.promoted(left, right);
    Tensor x = left.to(dtype);
    Tensor e = right.to(dtype);
    Tensor y = Kernels.binary("pow", BinaryKernel.POW, x, e);
    return Tape.record(
        "Pow",
        y,
        new Tensor[] {x, e},
        saver ->
            new TensorGradient(
                saver.save(x), saver.save(e), saver.needs(1) ? saver.saveResult() : null));
  }

  private record TensorGradient(SavedTensor x, SavedTensor e, @Nullable SavedTensor y)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(
          needs.input(0) ? g.mul(e.get()).mul(base().pow(e.get().add(-1))) : null,
          needs.input(1) && y != null ? g.mul(y.get()).mul(argument().log()) : null);
    }

    /**
     * A 1 where the exponent is 0 and x⁻¹ is not finite, which turns 0·x⁻¹ into 0. Elsewhere x,
     * also for an exponent of 0: of the derivative by e, 1/x, there remains something.
     */
    private Tensor base() {
      Tensor inverse = x.get().detach().reciprocal();
      Tensor infinite = Where.not(isZero(inverse.sub(inverse)));
      Tensor unsafe = Where.masked(isZero(e.get()), infinite);
      return Where.of(unsafe, Kernels.scalar(unsafe, 1), x.get());
    }

    /** A 1 where a base of 0 is no pole, which turns its logarithm into 0. */
    private Tensor argument() {
      Tensor harmless = Compare.of(BinaryKernel.GE, e.get(), Kernels.scalar(e.get(), 0));
      return x.get().add(Where.masked(isZero(x.get()), harmless));
    }

    private static Tensor isZero(Tensor t) {
      return Where.not(t.detach());
    }
  }
}
