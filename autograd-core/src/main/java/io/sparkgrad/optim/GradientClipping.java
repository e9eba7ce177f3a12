// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Stack;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Bounds gradients, in place, between the backward pass and the optimiser's step. Parameters
 * without a gradient are passed over.
 */
public final class GradientClipping {
  /** Keeps the division defined where all gradients are 0; PyTorch's value. */
  private static final double NORM_EPS = 1e-6;

  private GradientClipping() {}

  /** As {@link #clipGradNorm(Collection, double, double, boolean)} for the Euclidean norm. */
  public static double clipGradNorm(Collection<? extends Tensor> parameters, double maxNorm) {
    return clipGradNorm(parameters, maxNorm, 2, false);
  }

  /**
   * Scales all gradients by one factor so that their norm together is at most {@code maxNorm}.
   *
   * @param p the order of the norm, above 0; infinity for the largest magnitude
   * @param errorIfNonfinite whether a norm that is infinite or NaN is an error; if not, gradients
   *     are scaled by it nevertheless
   * @return the norm before; 0 without gradients
   */
  public static double clipGradNorm(
      Collection<? extends Tensor> parameters, double maxNorm, double p, boolean errorIfNonfinite) {
    check("clipGradNorm: maxNorm", maxNorm);
    if (!(p > 0)) {
      throw new IllegalArgumentException(
          "clipGradNorm: p: expected a number above 0 or infinity, got " + p);
    }
    List<Tensor> grads = grads(parameters);
    try (var mode = GradMode.noGrad()) {
      double total = norm(grads, p);
      if (errorIfNonfinite && !Double.isFinite(total)) {
        throw new IllegalArgumentException(
            "clipGradNorm: the total norm of order %s of the gradients is non-finite (%s), so they cannot be clipped; look for extreme inputs, or pass errorIfNonfinite=false"
                .formatted(p, total));
      }
      double factor = Math.min(1, maxNorm / (total + NORM_EPS));
      grads.forEach(g -> g.mul_(factor));
      return total;
    }
  }

  /** Clamps every element of every gradient to {@code [-clipValue, clipValue]}. */
  public static void clipGradValue(Collection<? extends Tensor> parameters, double clipValue) {
    check("clipGradValue: clipValue", clipValue);
    for (Tensor g : grads(parameters)) {
      bound(g, BinaryKernel.MINIMUM, clipValue);
      bound(g, BinaryKernel.MAXIMUM, -clipValue);
      g.written();
    }
  }

  private static void check(String what, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(
          "%s: expected a number of 0 or more, got %s".formatted(what, value));
    }
  }

  private static List<Tensor> grads(Collection<? extends Tensor> parameters) {
    return parameters.stream().map(Tensor::grad).filter(Objects::nonNull).toList();
  }

  private static double norm(List<Tensor> grads, double p) {
    if (Double.isInfinite(p)) {
      return values(grads.stream().filter(g -> g.numel() > 0).map(GradientClipping::largest))
          .reduce(0, Math::max);
    }
    return Math.pow(values(grads.stream().map(g -> powers(g, p))).sum(), 1 / p);
  }

  /**
   * Of scalars. Read together where they lie together: a device is waited for once, not each time.
   */
  private static DoubleStream values(Stream<Tensor> scalars) {
    List<Tensor> all = scalars.toList();
    if (all.size() > 1 && all.stream().allMatch(t -> isAlike(t, all.get(0)))) {
      return Arrays.stream(Stack.of(all, 0).toDoubleArray());
    }
    return all.stream().mapToDouble(Tensor::item);
  }

  private static boolean isAlike(Tensor a, Tensor b) {
    return a.dtype() == b.dtype() && a.backend() == b.backend();
  }

  private static Tensor largest(Tensor g) {
    Tensor magnitudes = magnitudes(g);
    Tensor y = Tensor.zeros(Shape.scalar(), g.dtype(), g.backend());
    boolean[] all = g.shape().axisMask();
    g.backend().reduce(ReduceKernel.MAX, magnitudes.buffer(), g.shape(), all, y.buffer());
    return y;
  }

  private static Tensor powers(Tensor g, double p) {
    return (p == 2 ? g.square() : magnitudes(g).pow(p)).sum();
  }

  private static Tensor magnitudes(Tensor g) {
    Tensor y = Tensor.zerosLike(g);
    g.backend().unary(UnaryKernel.ABS, 0, g.buffer(), y.buffer());
    return y;
  }

  private static void bound(Tensor g, BinaryKernel kernel, double value) {
    Backend backend = g.backend();
    Tensor limit = Tensor.zeros(Shape.scalar(), g.dtype(), backend).fill_(value);
    backend.binary(
        kernel, g.buffer(), g.shape(), limit.buffer(), limit.shape(), g.buffer(), g.shape());
  }
}
