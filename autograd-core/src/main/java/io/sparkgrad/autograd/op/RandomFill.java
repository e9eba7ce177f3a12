// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.InPlaceTape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import java.util.function.DoubleSupplier;

/**
 * Fresh random values in place of all elements, drawn in row-major order; those before get a
 * gradient of 0. Nothing is drawn if the write is refused.
 */
public final class RandomFill {
  private RandomFill() {}

  /** Uniform in {@code [low, high)}, also after rounding to the target's type. */
  public static Tensor uniform(Tensor target, double low, double high, Generator generator) {
    Kernels.floating("uniform_", target);
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "uniform_: expected low <= high, got %s and %s".formatted(low, high));
    }
    double below =
        target.dtype() == DType.FLOAT32 ? Math.nextDown((float) high) : Math.nextDown(high);
    double top = Math.max(low, below);
    return fill(
        "uniform_", target, () -> Math.min(top, low + (high - low) * generator.nextDouble()));
  }

  public static Tensor normal(Tensor target, double mean, double std, Generator generator) {
    Kernels.floating("normal_", target);
    if (!(std >= 0)) {
      throw new IllegalArgumentException("normal_: expected a std of 0 or more, got " + std);
    }
    return fill("normal_", target, () -> mean + std * generator.nextGaussian());
  }

  /** 1 with probability p, else 0; of any type. */
  public static Tensor bernoulli(Tensor target, double p, Generator generator) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("bernoulli_: p has to be between 0 and 1, got " + p);
    }
    return fill("bernoulli_", target, () -> generator.nextDouble() < p ? 1 : 0);
  }

  private static Tensor fill(String op, Tensor target, DoubleSupplier source) {
    boolean recorded = InPlaceTape.records(op, target);
    double[] values = new double[Math.toIntExact(target.numel())];
    for (int i = 0; i < values.length; i++) {
      values[i] = source.getAsDouble();
    }
    Tensor fresh = recorded ? Tensor.zerosLike(target) : target;
    fresh.backend().upload(values, fresh.buffer());
    return recorded ? InPlace.copy(target, fresh) : target.written();
  }
}
