// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import org.jspecify.annotations.Nullable;

/** Elementwise {@code 1/x}; saves its result. */
public final class Reciprocal {
  private Reciprocal() {}

  public static Tensor of(Tensor x) {
    Tensor y = Kernels.binary("reciprocal", BinaryKernel.DIV, Kernels.scalar(x, 1), x);
    return Tape.record(
        "Reciprocal", y, new Tensor[] {x}, saver -> new Gradient(saver.saveResult()));
  }

  private record Gradient(SavedTensor y) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.mul(y.get().square()).neg());
    }
  }
}
