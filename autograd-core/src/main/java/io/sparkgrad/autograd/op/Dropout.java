// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;

/**
 * In training 0 in place of each element with probability p, the others scaled by {@code 1/(1 −
 * p)}; else, and for a p of 0, the same tensor. Draws from this thread's generator. A product with
 * a constant mask, which is all that is saved.
 */
public final class Dropout {
  private Dropout() {}

  public static Tensor of(Tensor x, double p, boolean training) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("dropout: p has to be between 0 and 1, got " + p);
    }
    if (!training || p == 0) {
      return x;
    }
    Kernels.floating("dropout", x);
    double scale = p == 1 ? 0 : 1 / (1 - p);
    double[] mask = new double[Math.toIntExact(x.numel())];
    Generator generator = Generator.current();
    for (int i = 0; i < mask.length; i++) {
      mask[i] = generator.nextDouble() < p ? 0 : scale;
    }
    Tensor factors = Tensor.zerosLike(x); // on the input's device, of its type
    factors.backend().upload(mask, factors.buffer());
    return x.mul(factors);
  }
}
