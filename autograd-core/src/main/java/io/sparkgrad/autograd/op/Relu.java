// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;
import org.jspecify.annotations.Nullable;

/** Elementwise {@code max(x, 0)}, with derivative 0 at 0 and 1 at NaN; saves its result. */
public final class Relu {
  private Relu() {}

  public static Tensor of(Tensor x) {
    return record(x, Kernels.unary("relu", UnaryKernel.RELU, 0, x));
  }

  /** Records the relu of something that has its values already. */
  static Tensor record(Tensor done) {
    return record(done, done.sharing(done.shape()));
  }

  private static Tensor record(Tensor x, Tensor y) {
    return Tape.record("Relu", y, new Tensor[] {x}, saver -> new Gradient(saver.saveResult()));
  }

  private record Gradient(SavedTensor y) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor result = y.get();
      if (GradMode.isEnabled()) {
        return grads(g.mul(step(result)));
      }
      Tensor gx = Tensor.zerosLike(g);
      g.backend().reluGradient(result.buffer(), g.buffer(), gx.buffer());
      return grads(gx);
    }

    /** 0 where the result is; recorded, so that its derivative is zero and not missing. */
    private static Tensor step(Tensor y) {
      return Tape.record(
          "Step",
          Where.not(Where.not(y)),
          new Tensor[] {y},
          saver -> (g, needs) -> grads(Tensor.zerosLike(g)));
    }
  }
}
