// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise {@code ln(1 + e^(βx))/β}, and x itself where βx is above the threshold; saves its
 * input.
 */
public final class Softplus {
  private Softplus() {}

  public static Tensor of(Tensor x, double beta, double threshold) {
    Kernels.floating("softplus", x);
    Tensor scaled = x.detach().mul(beta);
    Tensor soft = Kernels.unary("softplus", UnaryKernel.SOFTPLUS, 0, scaled).div(beta);
    Tensor y = Where.of(Compare.above(scaled, threshold), x.detach(), soft);
    return Tape.record(
        "Softplus", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x), beta, threshold));
  }

  private record Gradient(SavedTensor x, double beta, double threshold) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor scaled = x.get().mul(beta);
      Tensor linear = Compare.above(scaled, threshold);
      return grads(g.mul(Where.of(linear, Kernels.scalar(g, 1), scaled.sigmoid())));
    }
  }
}
