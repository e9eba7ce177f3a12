// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;

/** Another shape over the same storage, in row-major order. */
public final class Reshape {
  private Reshape() {}

  /** One size may be -1: it is what the others leave. */
  public static Tensor of(Tensor x, long... dims) {
    Shape shape = x.shape().inferred(dims);
    Shape before = x.shape();
    return Tape.record(
        "Reshape",
        x.sharing(shape),
        new Tensor[] {x},
        saver -> (g, needs) -> grads(g.reshape(before.dims())));
  }
}
