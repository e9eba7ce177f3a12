// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.ProcessGroup;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    void update(Tensor batchMean, Tensor batchVariance, long count, double momentum) {
      try (var mode = GradMode.noGrad()) {
        blend(mean, batchMean, momentum, 1);
        blend(variance, batchVariance, momentum, (double) count / (count - 1));
      }
    }

    private static void blend(Tensor target, Tensor batch, double momentum, double factor) {
      Tensor news = batch.to(target.dtype());
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
      throw tooFew(x);
    }
    Tensor mean = perChannel(x);
    Tensor variance = perChannel(x);
    Tensor y = normalised(x, weight, bias, mean, variance, eps, true);
    if (running != null) {
      running.update(mean, variance, count, momentum);
    }
    return y;
  }

  /**
   * By the mean and variance of the batches of all processes of a group together, as {@code
   * torch.nn.SyncBatchNorm}; in backward the processes meet again. Made of differentiable
   * operations. Statistics are summed in two passes, since the mean square less the squared mean
   * would cancel.
   *
   * @param running updated in place if given, with the same bits on all processes
   */
  public static Tensor ofGroup(
      Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps,
      @Nullable Running running,
      double momentum,
      ProcessGroup group) {
    check(x, weight, bias, eps);
    int[] axes = axesOfBatch(x);
    int channels = Math.toIntExact(x.size(1));
    Tensor own = Tensor.zeros(Shape.of(1), x.dtype(), x.backend());
    own.fill_(channels == 0 ? 0 : (double) x.numel() / channels);
    var sums = AllReduceSum.summed(Concat.of(List.of(x.sum(axes), own), 0), group);
    double count = sums.values()[channels];
    if (count < 2) {
      throw tooFew(x);
    }
    Tensor mean = sums.sum().narrow(0, 0, channels).div(count);
    Tensor centered = x.sub(spread(x, mean));
    Tensor squares = centered.square().sum(axes);
    Tensor variance = AllReduceSum.of(squares, group).div(count);
    if (running != null) {
      running.update(mean.detach(), variance.detach(), (long) count, momentum);
    }
    Tensor y = centered.mul(spread(x, variance.add(eps).pow(-0.5)));
    y = weight == null ? y : y.mul(spread(x, weight));
    return bias == null ? y : y.add(spread(x, bias));
  }

  private static int[] axesOfBatch(Tensor x) {
    return IntStream.range(0, x.rank()).filter(i -> i != 1).toArray();
  }

  private static ShapeMismatchException tooFew(Tensor x) {
    return new ShapeMismatchException(
        "batch_norm: expected more than 1 value per channel in training, got shape %s; use a larger batch or eval()"
            .formatted(x.shape()));
  }

  /** By these means and variances. */
  public static Tensor inference(
      Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps, Running running) {
    check(x, weight, bias, eps);
    check(x, running.mean, running.variance, eps);
    // Copies, since training may move the originals before a backward pass needs them.
    boolean records = GradMode.isEnabled();
    Tensor mean = running.mean.detach();
    Tensor variance = running.variance.detach();
    return normalised(
        x,
        weight,
        bias,
        records ? mean.copy() : mean,
        records ? variance.copy() : variance,
        eps,
        false);
  }

  /**
   * A batch norm by given statistics as {@code y = x·scale + shift}.
   *
   * @param scale {@code [channels]}
   * @param shift {@code [channels]}
   */
  public record Folded(Tensor scale, Tensor shift) {}

  /** {@link #inference} in other words, but for rounding; without history. */
  public static Folded folded(
      @Nullable Tensor weight, @Nullable Tensor bias, double eps, Running running) {
    try (var mode = GradMode.noGrad()) {
      Tensor inverse = running.variance.add(eps).pow(-0.5);
      Tensor scale = weight == null ? inverse : inverse.mul(weight);
      Tensor mean = running.mean.mul(scale);
      return new Folded(scale, bias == null ? mean.neg() : bias.sub(mean));
    }
  }

  private static Tensor perChannel(Tensor x) {
    return Tensor.zeros(Shape.of(x.size(1)), x.dtype(), x.backend());
  }

  private static Tensor normalised(
      Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      Tensor mean,
      Tensor variance,
      double eps,
      boolean ofBatch) {
    BatchNormGeometry geometry = geometry(x.shape(), eps, ofBatch);
    Tensor y = Tensor.zerosLike(x);
    x.backend()
        .batchNorm(
            geometry,
            x.buffer(),
            buffer(weight),
            buffer(bias),
            mean.buffer(),
            variance.buffer(),
            y.buffer());
    List<Tensor> inputs = new ArrayList<>(List.of(x));
    if (weight != null) {
      inputs.add(weight);
    }
    if (bias != null) {
      inputs.add(bias);
    }
    return Tape.record(
        "BatchNorm",
        y,
        inputs.toArray(Tensor[]::new),
        saver ->
            new Gradient(
                geometry,
                saver.saveIf((ofBatch && saver.needs(0)) || (weight != null && saver.needs(1)), x),
                weight == null ? null : saver.saveIf(saver.needs(0), weight),
                saver.save(mean),
                saver.save(variance),
                weight != null,
                bias != null));
  }

  private static BatchNormGeometry geometry(Shape x, double eps, boolean ofBatch) {
    long rest = 1;
    for (int i = 3; i < x.rank(); i++) {
      rest *= x.size(i);
    }
    return new BatchNormGeometry(
        Math.toIntExact(x.size(0)),
        Math.toIntExact(x.size(1)),
        x.rank() > 2 ? Math.toIntExact(x.size(2)) : 1,
        Math.toIntExact(rest),
        eps,
        ofBatch);
  }

  private static @Nullable Buffer buffer(@Nullable Tensor t) {
    return t == null ? null : t.buffer();
  }

  private record Gradient(
      BatchNormGeometry geometry,
      @Nullable SavedTensor x,
      @Nullable SavedTensor weight,
      SavedTensor mean,
      SavedTensor variance,
      boolean hasWeight,
      boolean hasBias)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      @Nullable Tensor[] grads = new Tensor[1 + (hasWeight ? 1 : 0) + (hasBias ? 1 : 0)];
      boolean wantsWeight = hasWeight && needs.input(1);
      boolean wantsBias = hasBias && needs.input(grads.length - 1);
      if (GradMode.isEnabled()) {
        formula(g, grads, needs.input(0), wantsWeight, wantsBias);
        return grads;
      }
      Tensor gx = needs.input(0) ? Tensor.zerosLike(g) : null;
      Tensor gw = wantsWeight ? perChannel(g) : null;
      Tensor gb = wantsBias ? perChannel(g) : null;
      g.backend()
          .batchNormGradient(
              geometry,
              x == null ? g.buffer() : x.get().buffer(), // not read where it was not saved
              weight == null ? null : weight.get().buffer(),
              mean.get().buffer(),
              variance.get().buffer(),
              g.buffer(),
              buffer(gx),
              buffer(gw),
              buffer(gb));
      grads[0] = gx;
      if (hasWeight) {
        grads[1] = gw;
      }
      if (hasBias) {
        grads[grads.length - 1] = gb;
      }
      return grads;
    }

    /**
     * BN-5 in operations that have derivatives. Statistics of the batch are computed again: they
     * depend on x.
     */
    private void formula(
        Tensor g,
        @Nullable Tensor[] grads,
        boolean wantsX,
        boolean wantsWeight,
        boolean wantsBias) {
      int[] axes = axesOfBatch(g);
      if (wantsBias) {
        grads[grads.length - 1] = g.sum(axes);
      }
      Tensor scaled = weight == null ? g : g.mul(spread(g, weight.get()));
      if (x == null) {
        grads[0] = wantsX ? scaled.mul(inverse(spread(g, variance.get()))) : null;
        return;
      }
      boolean ofBatch = geometry.ofBatch();
      Tensor input = x.get();
      Tensor centered = input.sub(ofBatch ? input.mean(true, axes) : spread(g, mean.get()));
      Tensor inverse =
          inverse(ofBatch ? centered.square().mean(true, axes) : spread(g, variance.get()));
      Tensor normal = centered.mul(inverse);
      if (wantsWeight) {
        grads[1] = g.mul(normal).sum(axes);
      }
      if (wantsX && ofBatch) {
        Tensor along = normal.mul(scaled.mul(normal).mean(true, axes));
        grads[0] = scaled.sub(scaled.mean(true, axes)).sub(along).mul(inverse);
      } else if (wantsX) {
        grads[0] = scaled.mul(inverse);
      }
    }

    private Tensor inverse(Tensor variance) {
      return variance.add(geometry.eps()).pow(-0.5);
    }
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

  /** [channels, 1, 1, ...], which stretches to x. */
  private static Tensor spread(Tensor x, Tensor t) {
    long[] dims = new long[x.rank() - 1];
    Arrays.fill(dims, 1);
    dims[0] = t.numel();
    return t.reshape(dims);
  }
}
