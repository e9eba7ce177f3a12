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

/**
 * The greater or the smaller of two tensors, with broadcasting; of equal values each gets half the
 * gradient. Saves both.
 */
public final class Maximum {
  private Maximum() {}

  public static Tensor of(Tensor a, Tensor b) {
    return of("maximum", BinaryKernel.MAXIMUM, a, b);
  }

  public static Tensor minimum(Tensor a, Tensor b) {
    return of("minimum", BinaryKernel.MINIMUM, a, b);
  }

  private static Tensor of(String op, BinaryKernel kernel, Tensor left, Tensor right) {
    DType dtype = Kernels.promoted(left, right);
    Tensor a = left.to(dtype);
    Tensor b = right.to(dtype);
    Tensor y = Kernels.binary(op, kernel, a, b);
    boolean greatest = kernel == BinaryKernel.MAXIMUM;
    return Tape.record(
        greatest ? "Maximum" : "Minimum",
        y,
        new Tensor[] {a, b},
        saver -> new Gradient(saver.save(a), saver.save(b), greatest));
  }

  private record Gradient(SavedTensor a, SavedTensor b, boolean greatest) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor shared = g.div(a.get().eq(b.get()).add(1));
      Tensor bWins = greatest ? b.get().gt(a.get()) : a.get().gt(b.get());
      Tensor aWins = greatest ? a.get().gt(b.get()) : b.get().gt(a.get());
      return grads(
          needs.input(0) ? Where.masked(shared, Where.not(bWins)) : null,
          needs.input(1) ? Where.masked(shared, Where.not(aWins)) : null);
    }
  }
}
