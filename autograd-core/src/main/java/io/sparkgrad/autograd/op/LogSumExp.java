// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.shape.Shape;
import org.jspecify.annotations.Nullable;

/**
 * {@code ln Σ eˣ} over axes (all, if none is named), where eˣ overflows too; saves input and
 * result.
 */
public final class LogSumExp {
  private LogSumExp() {}

  public static Tensor of(Tensor x, boolean keepDim, int... axes) {
    Kernels.floating("logsumexp", x);
    boolean[] mask = x.shape().axisMask(axes);
    Shape kept = x.shape().reduced(mask, true);
    Tensor d = x.detach();
    Tensor shift =
        x.numel() == 0
            ? Kernels.scalar(x, 0)
            : finiteOr0(Amax.of(d, true, axes).reshape(kept.dims()));
    Tensor total = d.sub(shift).exp().sumTo(kept);
    Tensor y = Reshape.fresh(total.log().add(shift), x.shape().reduced(mask, keepDim).dims());
    return Tape.record(
        "LogSumExp",
        y,
        new Tensor[] {x},
        saver -> new Gradient(saver.save(x), saver.saveResult(), kept));
  }

  /** Infinite maxima would make a difference of infinities, NaN. */
  private static Tensor finiteOr0(Tensor x) {
    Tensor finite =
        Compare.of(BinaryKernel.GT, Kernels.scalar(x, Double.POSITIVE_INFINITY), x.abs());
    return Where.masked(x, finite);
  }

  /** {@code ∂ = g·e^(x − y)}, 0 where every x is -∞. */
  private record Gradient(SavedTensor x, SavedTensor y, Shape kept) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor sum = y.get().reshape(kept.dims());
      Tensor some = Where.not(sum.detach().eq(Kernels.scalar(sum, Double.NEGATIVE_INFINITY)));
      return grads(g.reshape(kept.dims()).mul(x.get().sub(Where.masked(sum, some)).exp()));
    }
  }
}
