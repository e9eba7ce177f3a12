// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.UnaryKernel;

/**
 * Elementwise functions that are constant almost everywhere. Their results require gradients where
 * the input does, and pass zeros back; they save nothing.
 */
public final class StepFunction {
  private StepFunction() {}

  /** -1, 0 or 1; 0 of NaN. */
  public static Tensor sign(Tensor x) {
    return record("Sign", x, Kernels.unary("sign", UnaryKernel.SIGN, 0, x));
  }

  public static Tensor floor(Tensor x) {
    return record("Floor", x, Kernels.unary("floor", UnaryKernel.FLOOR, 0, x));
  }

  public static Tensor ceil(Tensor x) {
    Tensor y = Kernels.unary("ceil", UnaryKernel.NEG, 0, x);
    return record("Ceil", x, floor(y).neg());
  }

  /** To the nearest integer; halves to the even one. */
  public static Tensor round(Tensor x) {
    return record("Round", x, Kernels.unary("round", UnaryKernel.ROUND, 0, x));
  }

  /** Towards 0. */
  public static Tensor trunc(Tensor x) {
    Tensor magnitude = Kernels.unary("trunc", UnaryKernel.ABS, 0, x);
    return record("Trunc", x, floor(magnitude).mul(sign(x.detach())));
  }

  private static Tensor record(String name, Tensor x, Tensor y) {
    return Tape.record(
        name, y, new Tensor[] {x}, saver -> (g, needs) -> grads(Tensor.zerosLike(g)));
  }
}
