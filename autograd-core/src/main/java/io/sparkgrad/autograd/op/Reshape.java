// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;

/**
 * Another shape over the same storage, in row-major order: a write to either reaches both, recorded
 * or not.
 */
public final class Reshape {
  private Reshape() {}

  /** One size may be -1: it is what the others leave. */
  public static Tensor of(Tensor x, long... dims) {
    return record(x, x.viewedAs(x.shape().inferred(dims)));
  }

  /**
   * The shape that an operation gives to what it just made and keeps to itself. The result is no
   * view, since nobody can see of what.
   */
  public static Tensor fresh(Tensor made, long... dims) {
    return record(made, made.sharing(made.shape().inferred(dims)));
  }

  private static Tensor record(Tensor x, Tensor y) {
    Shape before = x.shape();
    return Tape.record(
        "Reshape", y, new Tensor[] {x}, saver -> (g, needs) -> grads(g.reshape(before.dims())));
  }
}
