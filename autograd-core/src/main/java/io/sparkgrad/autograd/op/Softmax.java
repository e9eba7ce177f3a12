// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.SoftmaxKernel;
import org.jspecify.annotations.Nullable;

/** {@code eˣ/Σ eˣ} along an axis; saves its result. */
public final class Softmax {
  private Softmax() {}

  public static Tensor of(Tensor x, int axis) {
    if (x.rank() == 0) { // as a vector of one
      return Reshape.fresh(of(x.reshape(1), axis));
    }
    int a = x.shape().axis(axis);
    if (a != x.rank() - 1) {
      return of(x.transpose(a, -1), -1).transpose(a, -1);
    }
    Kernels.floating("softmax", x);
    Tensor y = Tensor.zerosLike(x);
    x.backend().softmaxLastAxis(SoftmaxKernel.SOFTMAX, x.buffer(), rows(x), x.size(a), y.buffer());
    return Tape.record("Softmax", y, new Tensor[] {x}, saver -> new Gradient(saver.saveResult()));
  }

  /** {@code ∂ = y·(g − Σ g·y)}. */
  private record Gradient(SavedTensor y) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor p = y.get();
      if (!GradMode.isEnabled()) {
        return grads(gradient(SoftmaxKernel.SOFTMAX, p, g));
      }
      return grads(p.mul(g.sub(g.mul(p).sum(true, -1))));
    }
  }

  /** Along the last axis, without history. */
  static Tensor gradient(SoftmaxKernel kernel, Tensor y, Tensor g) {
    Tensor gx = Tensor.zerosLike(g);
    g.backend()
        .softmaxGradientLastAxis(kernel, y.buffer(), g.buffer(), rows(y), y.size(-1), gx.buffer());
    return gx;
  }

  /** How many rows the last axis makes of it. */
  static long rows(Tensor x) {
    return x.shape().reduced(x.shape().axisMask(-1), false).numel();
  }
}
