// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/** Elementwise x above 0, else {@code α·(eˣ − 1)}; the derivative at 0 is α. Saves its input. */
public final class Elu {
  private Elu() {}

  public static Tensor of(Tensor x, double alpha) {
    Kernels.floating("elu", x);
    Tensor d = x.detach();
    Tensor y = d.relu().add(Where.masked(d, notPositive(d)).expm1().mul(alpha));
    return Tape.record("Elu", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x), alpha));
  }

  private static Tensor notPositive(Tensor x) {
    return Where.not(Compare.positive(x));
  }

  private record Gradient(SavedTensor x, double alpha) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor low = notPositive(x.get());
      // Masked before the exponential, which overflows on the other side.
      Tensor exp = Where.masked(x.get(), low).exp().mul(alpha);
      return grads(g.mul(Where.masked(exp, low).add(Compare.positive(x.get()))));
    }
  }
}
