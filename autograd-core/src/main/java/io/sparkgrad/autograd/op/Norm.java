// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import org.jspecify.annotations.Nullable;

/**
 * {@code (Σ |x|ᵖ)^(1/p)} over axes (all, if none is named): for p = 0 the number of elements that
 * are not 0, for infinite p the extreme magnitude. The derivative at 0 is 0. Saves input and
 * result; p = 1, 0 and ∞ are compositions.
 */
public final class Norm {
  private Norm() {}

  public static Tensor of(Tensor x, double p, boolean keepDim, int... axes) {
    Kernels.floating("norm", x);
    if (p == 1) {
      return x.abs().sum(keepDim, axes);
    }
    if (p == 0) {
      Tensor nan = Where.not(x.eq(x)); // which is not 0, but has no sign
      return x.sign().abs().add(nan).sum(keepDim, axes);
    }
    if (Double.isInfinite(p)) {
      return p > 0 ? Amax.of(x.abs(), keepDim, axes) : Amax.min(x.abs(), keepDim, axes);
    }
    Shape kept = x.shape().reduced(x.shape().axisMask(axes), true);
    Tensor powers = p == 2 ? x.detach().square() : x.detach().abs().pow(p);
    Tensor total = powers.sum(keepDim, axes);
    Tensor y = p == 2 ? total.sqrt() : total.pow(1 / p);
    return Tape.record(
        "Norm",
        y,
        new Tensor[] {x},
        saver -> new Gradient(saver.save(x), saver.saveResult(), p, kept));
  }

  /** {@code ∂ = g·x·|x|^(p−2)/y^(p−1)}. */
  private record Gradient(SavedTensor x, SavedTensor y, double p, Shape kept) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      // A 0 raised to a negative power is ∞, and 0 times that NaN: 1 in its place leaves the 0.
      Tensor length = oneFor0(y.get().reshape(kept.dims()));
      Tensor shared = g.reshape(kept.dims());
      if (p == 2) {
        return grads(shared.div(length).mul(x.get()));
      }
      Tensor weight = oneFor0(x.get()).abs().pow(p - 2).mul(x.get());
      return grads(shared.div(length.pow(p - 1)).mul(weight));
    }

    private static Tensor oneFor0(Tensor t) {
      return t.add(Where.not(t.detach()));
    }
  }
}
