// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Normalises each channel (axis 1) of {@code [n, channels, ...]}; weight and bias are {@code
 * [channels]} or null.
 */
public final class BatchNorm {
  private BatchNorm() {}

  /** Means and variances {@code [channels]} that outlive a batch. */
  public record Running(Tensor mean, Tensor variance) {
    /** {@code r ← (1 − momentum)·r + momentum·batch}, with the unbiased variance. */
    void update(Normalization.Statistics batch, long count, double momentum) {
      try (var mode = GradMode.noGrad()) {
        blend(mean, batch.mean(), momentum, 1);
        blend(variance, batch.variance(), momentum, (double) count / (count - 1));
      }
    }

    private static void blend(Tensor target, Tensor batch, double momentum, double factor) {
      Tensor news = batch.reshape(target.shape().dims()).to(target.dtype());
      target.mul_(1 - momentum);
      target.add_(news.mul(momentum * factor));
    }
  }

  /**
   * By the batch's own mean and variance.
   *
   * @param running updated in place if given, whether or not gradients are recorded
   */
  public static Tensor of(
      Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps,
      @Nullable Running running,
      double momentum) {
    check(x, weight, bias, eps);
    long count = x.size(1) == 0 ? 0 : x.numel() / x.size(1);
    if (count < 2) {
      throw new ShapeMismatchException(
          "batch_norm: expected more than 1 value per channel in training, got shape %s; use a larger batch or eval()"
              .formatted(x.shape()));
    }
    int[] axes = IntStream.range(0, x.rank()).filter(i -> i != 1).toArray();
    var statistics = Normalization.Statistics.of(x, axes);
    if (running != null) {
      running.update(statistics, count, momentum);
    }
    var affine = new Normalization.Affine(perChannel(x, weight), perChannel(x, bias));
    return Normalization.of("BatchNorm", x, statistics, affine, eps, axes);
  }

  /** By these means and variances: a factor and a summand per channel. */
  public static Tensor inference(
      Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps, Running running) {
    check(x, weight, bias, eps);
    check(x, running.mean, running.variance, eps);
    Tensor inverse = running.variance.detach().add(eps).pow(-0.5);
    Tensor factor = weight == null ? inverse : weight.mul(inverse);
    Tensor shift = running.mean.detach().mul(factor).neg();
    Tensor y = x.mul(spread(x, factor));
    return y.add(spread(x, bias == null ? shift : shift.add(bias)));
  }

  private static void check(Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    Kernels.floating("batch_norm", x);
    if (!(eps > 0)) {
      throw new IllegalArgumentException("batch_norm: expected an eps above 0, got " + eps);
    }
    if (x.rank() < 2) {
      throw new ShapeMismatchException(
          "batch_norm: expected [n, channels, ...], got shape " + x.shape());
    }
    for (Tensor t : Arrays.asList(weight, bias)) {
      if (t != null) {
        Kernels.together("batch_norm", x, t);
        if (!t.shape().equals(Shape.of(x.size(1)))) {
          throw new ShapeMismatchException(
              "batch_norm: expected %s channels on axis 1, got shape %s"
                  .formatted(t.shape(), x.shape()));
        }
      }
    }
  }

  private static @Nullable Tensor perChannel(Tensor x, @Nullable Tensor t) {
    return t == null ? null : spread(x, t);
  }

  /** [channels, 1, 1, ...], which stretches to x. */
  private static Tensor spread(Tensor x, Tensor t) {
    long[] dims = new long[x.rank() - 1];
    Arrays.fill(dims, 1);
    dims[0] = t.numel();
    return t.reshape(dims);
  }
}
