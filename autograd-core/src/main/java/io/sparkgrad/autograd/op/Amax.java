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
 * the largest; a maximum of NaN makes the gradient NaN, but the NaNs share that of {@link #ofAll}.
 * Saves input and result.
 */
public final class Amax {
  private Amax() {}

  public static Tensor of(Tensor x, boolean keepDim, int... axes) {
    return of("amax", x, false, keepDim, axes);
  }

  /** Minima, in the same way. */
  public static Tensor min(Tensor x, boolean keepDim, int... axes) {
    Kernels.floating("amin", x);
    return of("amin", x.neg(), false, keepDim, axes).neg();
  }

  /** The maximum of all elements. */
  public static Tensor ofAll(Tensor x) {
    return of("max", x, true, false);
  }

  /** The minimum of all elements. */
  public static Tensor minOfAll(Tensor x) {
    Kernels.floating("min", x);
    return of("min", x.neg(), true, false).neg();
  }

  private static Tensor of(String op, Tensor x, boolean nanIsTie, boolean keepDim, int... axes) {
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
        saver -> new Gradient(saver.save(x), saver.saveResult(), mask, nanIsTie));
  }

  private record Gradient(SavedTensor x, SavedTensor y, boolean[] mask, boolean nanIsTie)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Shape kept = x.get().shape().reduced(mask, true);
      Tensor ties = x.get().eq(y.get().reshape(kept.dims()));
      if (nanIsTie) { // NaN equals nothing
        ties = ties.add(Where.not(x.get().eq(x.get())));
      }
      // Without a tie divided by 0: 0·∞ is the NaN that is wanted.
      return grads(g.reshape(kept.dims()).div(ties.sumTo(kept)).mul(ties));
    }
  }
}
