// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise x cut to an interval; unlike {@link Clamp} with derivative 0 on the bounds, and 1 at
 * NaN. Saves its input.
 */
public final class Hardtanh {
  private Hardtanh() {}

  public static Tensor of(Tensor x, double low, double high) {
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "hardtanh: expected min_val <= max_val, got %s and %s".formatted(low, high));
    }
    Tensor y = Clamp.cut("hardtanh", x, low, high);
    return Tape.record(
        "Hardtanh", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x), low, high));
  }

  private record Gradient(SavedTensor x, double low, double high) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor input = x.get();
      Tensor below = Compare.of(BinaryKernel.GE, Kernels.scalar(g, low), input);
      Tensor above = Compare.of(BinaryKernel.GE, input, Kernels.scalar(g, high));
      return grads(Where.masked(g, Where.not(below.add(above))));
    }
  }
}
