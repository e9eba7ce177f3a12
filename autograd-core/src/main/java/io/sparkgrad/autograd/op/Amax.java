// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * Maxima over axes (all, if none is named); equal maxima share the gradient evenly. NaN counts as
 * the largest. Saves input and result.
 */
public final class Amax {
  private Amax() {}

  public static Tensor of(Tensor x, boolean keepDim, int... axes) {
    return of("amax", x, keepDim, axes);
  }

  /** Minima, in the same way. */
  public static Tensor min(Tensor x, boolean keepDim, int... axes) {
    Kernels.floating("amin", x);
    return of("amin", x.neg(), keepDim, axes).neg();
  }

  private static Tensor of(String op, Tensor x, boolean keepDim, int... axes) {
    Kernels.floating(op, x);
    boolean[] mask = x.shape().axisMask(axes);
    Shape shape = x.shape().reduced(mask, keepDim);
    if (x.numel() == 0 && shape.numel() > 0) {
      throw new ShapeMismatchException(
          op + ": expected a size of 1 or more on every reduced axis, got shape " + x.shape());
    }
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    x.backend().reduce(ReduceKernel.MAX, x.buffer(), x.shape(), mask, y.buffer());
    return Tape.record(
        "Amax",
        y,
        new Tensor[] {x},
        saver -> new Gradient(saver.save(x), saver.saveResult(), mask));
  }

  private record Gradient(SavedTensor x, SavedTensor y, boolean[] mask) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Shape kept = x.get().shape().reduced(mask, true);
      // A maximum of NaN equals nothing: there the NaNs are the ties.
      Tensor nan = Where.not(x.get().eq(x.get()));
      Tensor ties = x.get().eq(y.get().reshape(kept.dims())).add(nan);
      return grads(Where.masked(g.reshape(kept.dims()).div(ties.sumTo(kept)), ties));
    }
  }
}
