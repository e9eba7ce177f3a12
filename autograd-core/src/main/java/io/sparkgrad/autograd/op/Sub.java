// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import org.jspecify.annotations.Nullable;

/** {@code a − b} with broadcasting; saves nothing. */
public final class Sub {
  private Sub() {}

  public static Tensor of(Tensor left, Tensor right) {
    DType dtype = Kernels.promoted(left, right);
    Tensor a = left.to(dtype);
    Tensor b = right.to(dtype);
    Tensor y = Kernels.binary("sub", BinaryKernel.SUB, a, b);
    return Tape.record("Sub", y, new Tensor[] {a, b}, saver -> new Gradient());
  }

  private record Gradient() implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g, needs.input(1) ? g.neg() : null);
    }
  }
}
