// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;

/** Another element type; the gradient is cast back. The same tensor if it has the type already. */
public final class Cast {
  private Cast() {}

  public static Tensor of(Tensor x, DType dtype) {
    DType from = x.dtype();
    if (from == dtype) {
      return x;
    }
    Tensor y = Tensor.zeros(x.shape(), dtype, x.backend());
    x.backend().cast(x.buffer(), y.buffer());
    return Tape.record("Cast", y, new Tensor[] {x}, saver -> (g, needs) -> grads(g.to(from)));
  }
}
