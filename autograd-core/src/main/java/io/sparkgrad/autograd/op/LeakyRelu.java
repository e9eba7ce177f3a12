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
 * Elementwise x above 0, else {@code slope·x}; the derivative at 0 is the slope. Saves its input.
 */
public final class LeakyRelu {
  private LeakyRelu() {}

  public static Tensor of(Tensor x, double slope) {
    Kernels.floating("leaky_relu", x);
    Tensor y = Kernels.binary("leaky_relu", BinaryKernel.MUL, x, derivative(x, slope));
    return Tape.record(
        "LeakyRelu", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x), slope));
  }

  private static Tensor derivative(Tensor x, double slope) {
    return Compare.positive(x).mul(1 - slope).add(slope);
  }

  private record Gradient(SavedTensor x, double slope) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(g.mul(derivative(x.get(), slope)));
    }
  }
}
