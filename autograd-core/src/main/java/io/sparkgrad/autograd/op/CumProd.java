// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.ReduceKernel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Running products along an axis; saves input and result. */
public final class CumProd {
  private CumProd() {}

  public static Tensor of(Tensor x, int axis) {
    if (x.rank() == 0) { // as a vector of one
      return Reshape.fresh(of(x.reshape(1), axis));
    }
    int a = x.shape().axis(axis);
    if (a != x.rank() - 1) {
      return of(x.transpose(a, -1), -1).transpose(a, -1);
    }
    Tensor y = CumSum.scan("cumprod", ReduceKernel.PROD, x);
    return Tape.record(
        "CumProd", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x), saver.saveResult()));
  }

  /** {@code ∂ₖ = Σ g·y from k on, over xₖ}; where an x is 0, without a division. */
  private record Gradient(SavedTensor x, SavedTensor y) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      if (hasZero(x.get())) {
        return grads(before(x.get()).mul(after(x.get(), g)));
      }
      Tensor sums = CumSum.of(CumSum.reversed(g.mul(y.get())), -1);
      return grads(CumSum.reversed(sums).div(x.get()));
    }
  }

  static boolean hasZero(Tensor x) {
    return Where.not(x.detach()).sum().item() > 0;
  }

  /** For each element the product of those before it along the last axis. */
  static Tensor before(Tensor x) {
    Tensor first = Tensor.onesLike(x.detach().narrow(-1, 0, 1));
    Tensor rest = of(x.narrow(-1, 0, x.size(-1) - 1), -1);
    return Concat.of(List.of(first, rest), -1);
  }

  /** {@code sₖ = gₖ + xₖ₊₁·sₖ₊₁}: what the factors behind each element make of it. */
  private static Tensor after(Tensor x, Tensor g) {
    int last = (int) x.size(-1) - 1;
    Tensor[] sums = new Tensor[last + 1];
    sums[last] = g.narrow(-1, last, 1);
    for (int k = last - 1; k >= 0; k--) {
      sums[k] = g.narrow(-1, k, 1).add(x.narrow(-1, k + 1, 1).mul(sums[k + 1]));
    }
    return Concat.of(List.of(sums), -1);
  }
}
