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
 * Elementwise x cut to an interval, with derivative 1 on the bounds; {@code min(max(x, low),
 * high)}, so that the upper bound wins if they cross.
 */
public final class Clamp {
  private Clamp() {}

  /** Between two numbers, of which either may be infinite; saves its input. */
  public static Tensor of(Tensor x, double low, double high) {
    Tensor y = cut("clamp", x, low, high);
    return Tape.record(
        "Clamp", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x), low, high));
  }

  static Tensor cut(String op, Tensor x, double low, double high) {
    Kernels.floating(op, x);
    Tensor raised = Kernels.binary(op, BinaryKernel.MAXIMUM, x, Kernels.scalar(x, low));
    return Kernels.binary(op, BinaryKernel.MINIMUM, raised, Kernels.scalar(x, high));
  }

  private record Gradient(SavedTensor x, double low, double high) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor above = Compare.of(BinaryKernel.GE, x.get(), Kernels.scalar(g, low));
      Tensor below = Compare.of(BinaryKernel.GE, Kernels.scalar(g, high), x.get());
      return grads(Where.masked(Where.masked(g, above), below));
    }
  }

  /** Raised to a lower bound, with broadcasting; the bound gets the gradient where it is active. */
  public static Tensor min(Tensor left, Tensor right) {
    return of("clamp_min", BinaryKernel.MAXIMUM, left, right);
  }

  /** Lowered to an upper bound. */
  public static Tensor max(Tensor left, Tensor right) {
    return of("clamp_max", BinaryKernel.MINIMUM, left, right);
  }

  private static Tensor of(String op, BinaryKernel kernel, Tensor left, Tensor right) {
    DType dtype = Kernels.promoted(left, right);
    Tensor x = left.to(dtype);
    Tensor bound = right.to(dtype);
    Tensor y = Kernels.binary(op, kernel, x, bound);
    boolean lower = kernel == BinaryKernel.MAXIMUM;
    return Tape.record(
        lower ? "ClampMin" : "ClampMax",
        y,
        new Tensor[] {x, bound},
        saver -> new BoundGradient(saver.save(x), saver.save(bound), lower));
  }

  private record BoundGradient(SavedTensor x, SavedTensor bound, boolean lower)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor b = bound.get();
      Tensor inside =
          lower ? Compare.of(BinaryKernel.GE, x.get(), b) : Compare.of(BinaryKernel.GE, b, x.get());
      Tensor active = lower ? b.gt(x.get()) : x.get().gt(b);
      return grads(
          needs.input(0) ? Where.masked(g, inside) : null,
          needs.input(1) ? Where.masked(g, active) : null);
    }
  }
}
