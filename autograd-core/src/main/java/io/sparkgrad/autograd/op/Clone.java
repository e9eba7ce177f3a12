// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;

/** A copy with storage of its own. */
public final class Clone {
  private Clone() {}

  public static Tensor of(Tensor x) {
    Tensor y = Tensor.zerosLike(x);
    Layout dense = new Layout(0, x.shape().strides());
    x.backend().copy(x.shape(), x.buffer(), dense, y.buffer(), dense);
    return Tape.record("Clone", y, new Tensor[] {x}, saver -> (g, needs) -> grads(g));
  }
}
