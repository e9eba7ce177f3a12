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

/** {@code x − log Σ eˣ} along an axis; saves its result. */
public final class LogSoftmax {
  private LogSoftmax() {}

  public static Tensor of(Tensor x, int axis) {
    if (x.rank() == 0) { // as a vector of one
      return Reshape.fresh(of(x.reshape(1), axis));
    }
    int a = x.shape().axis(axis);
    if (a != x.rank() - 1) {
      return of(x.transpose(a, -1), -1).transpose(a, -1);
    }
    Kernels.floating("log_softmax", x);
    Tensor y = Tensor.zerosLike(x);
    x.backend()
        .softmaxLastAxis(
            SoftmaxKernel.LOG_SOFTMAX, x.buffer(), Softmax.rows(x), x.size(a), y.buffer());
    return Tape.record(
        "LogSoftmax", y, new Tensor[] {x}, saver -> new Gradient(saver.saveResult()));
  }

  private record Gradient(SavedTensor y) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(gradient(y.get(), g));
    }
  }

  /** {@code ∂ = g − eʸ·Σ g}, along the last axis. */
  static Tensor gradient(Tensor y, Tensor g) {
    return GradMode.isEnabled()
        ? g.sub(y.exp().mul(g.sum(true, -1)))
        : Softmax.gradient(SoftmaxKernel.LOG_SOFTMAX, y, g);
  }
}
