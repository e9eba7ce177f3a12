// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import org.jspecify.annotations.Nullable;

/** The angle of the point {@code (b, a)}, in (-π, π], with broadcasting; saves both. */
public final class Atan2 {
  private Atan2() {}

  public static Tensor of(Tensor left, Tensor right) {
    DType dtype = Kernels.promoted(left, right);
    Tensor a = left.to(dtype);
    Tensor b = right.to(dtype);
    Tensor y = Kernels.binary("atan2", BinaryKernel.ATAN2, a, b);
    return Tape.record(
        "Atan2", y, new Tensor[] {a, b}, saver -> new Gradient(saver.save(a), saver.save(b)));
  }

  /** {@code ∂/∂a = g·b/(a² + b²)}, {@code ∂/∂b = −g·a/(a² + b²)}, 0 at the origin. */
  private record Gradient(SavedTensor a, SavedTensor b) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor length = a.get().square().add(b.get().square());
      Tensor share = g.div(length.add(Where.not(length.detach()))); // 1 for 0 leaves 0, not NaN
      return grads(
          needs.input(0) ? share.mul(b.get()) : null,
          needs.input(1) ? share.mul(a.get()).neg() : null);
    }
  }
}
