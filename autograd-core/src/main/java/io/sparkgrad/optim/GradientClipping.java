// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Stack;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.Shape;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Bounds gradients, in place, between the backward pass and the optimiser's step. Parameters
 * without a gradient are passed over.
 */
public final class GradientClipping {
  /** Keeps the division defined where all gradients are 0; PyTorch's value. */
  private static final double NORM_EPS = 1e-6;

  private GradientClipping() {}

  /** As {@link #clipGradNorm(Collection, double, double, boolean)} for the Euclidean norm. */
  public static Tensor clipGradNorm(Collection<? extends Tensor> parameters, double maxNorm) {
    return clipGradNorm(parameters, maxNorm, 2, false);
  }

  /**
   * Scales all gradients by one factor so that their norm together is at most {@code maxNorm}. The
   * norm and the factor stay on the gradients' device: a GPU is not waited for, unless {@code
   * errorIfNonfinite} is set or gradients differ in type or device.
   *
   * @param p the order of the norm, above 0; infinity for the largest magnitude
   * @param errorIfNonfinite whether a norm that is infinite or NaN is an error; if not, gradients
   *     are scaled by it nevertheless
   * @return the norm before, a scalar on the first gradient's device in the widest of their types;
   *     0 without gradients
   */
  public static Tensor clipGradNorm(
      Collection<? extends Tensor> parameters, double maxNorm, double p, boolean errorIfNonfinite) {
    check("clipGradNorm: maxNorm", maxNorm);
    if (!(p > 0)) {
      throw new IllegalArgumentException(
          "clipGradNorm: p: expected a number above 0 or infinity, got " + p);
    }
    List<Tensor> grads = grads(parameters);
    try (var mode = GradMode.noGrad()) {
      Tensor total = norm(grads, p);
      if (errorIfNonfinite && !Double.isFinite(total.item())) {
        throw new IllegalArgumentException(
            "clipGradNorm: the total norm of order %s of the gradients is non-finite (%s), so they cannot be clipped; look for extreme inputs, or pass errorIfNonfinite=false"
                .formatted(p, total.item()));
      }
      Tensor bound = Tensor.zerosLike(total).fill_(maxNorm);
      scale(grads, bound.div(total.add(NORM_EPS)).clampMax(1));
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
    return parameters.stream()
        .map(Tensor::grad)
        .filter(Objects::nonNull)
        .filter(g -> g.numel() > 0)
        .toList();
  }

  private static Tensor norm(List<Tensor> grads, double p) {
    if (grads.isEmpty()) {
      return Tensor.scalar(0);
    }
    if (Double.isInfinite(p)) {
      return largest(together(grads.stream().map(GradientClipping::largest).toList()));
    }
    Tensor sum = together(grads.stream().map(g -> powers(g, p)).toList()).sum();
    return p == 2 ? sum.sqrt() : sum.pow(1 / p);
  }

  /** Scalars as a vector, on the first one's device and in the widest of their types. */
  private static Tensor together(List<Tensor> scalars) {
    Tensor first = scalars.get(0);
    boolean wide = scalars.stream().anyMatch(t -> t.dtype() == DType.FLOAT64);
    DType dtype = wide ? DType.FLOAT64 : first.dtype();
    return Stack.of(scalars.stream().map(t -> t.to(first.backend()).to(dtype)).toList(), 0);
  }

  /**
   * By a number where the host has it at once, which is the faster way there, and where the
   * gradients have not one type and device.
   */
  private static void scale(List<Tensor> grads, Tensor factor) {
    boolean waits = factor.backend().deviceType() != DeviceType.CPU;
    if (waits && grads.stream().allMatch(g -> isAlike(g, factor))) {
      grads.forEach(g -> g.mul_(factor));
    } else {
      double number = factor.item();
      grads.forEach(g -> g.mul_(number));
    }
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
