// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.DeviceType;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise {@code −(t·ln x + (1 − t)·ln(1 − x))} for probabilities x in [0, 1], each logarithm
 * at least -100. Saves x, and t if x wants a gradient.
 *
 * <p>On the CPU an x outside [0, 1] is an error. To see one on a GPU, the host would have to wait
 * in each step; there its loss is NaN, as that of an x that is NaN.
 */
public final class BinaryCrossEntropy {
  private static final double LEAST_LOG = -100;
  private static final double LEAST_DIVISOR = 1e-12;

  private BinaryCrossEntropy() {}

  public static Tensor of(Tensor input, Tensor target) {
    DType dtype = Kernels.promoted(input, target);
    Tensor x = input.to(dtype);
    Tensor t = target.to(dtype);
    Kernels.together("binary_cross_entropy", x, t);
    if (x.backend().deviceType() == DeviceType.CPU) {
      checkRange(x.detach());
    }
    Tensor p = x.detach();
    Tensor q = t.detach();
    Tensor rest = q.neg().add(1).mul(log(p.neg().add(1)));
    Tensor y = q.mul(log(p)).add(rest).neg();
    return Tape.record(
        "BinaryCrossEntropy",
        y,
        new Tensor[] {x, t},
        saver -> new Gradient(saver.save(x), saver.saveIf(saver.needs(0), t)));
  }

  private static void checkRange(Tensor x) {
    // Written so that NaN, which is neither above 1 nor below 0, passes through to the loss.
    if (x.numel() > 0 && (x.min().item() < 0 || x.max().item() > 1)) {
      throw new IllegalArgumentException(
          "binary_cross_entropy: all elements of input should be between 0 and 1, got %s to %s; logits go to BCEWithLogitsLoss"
              .formatted(x.min().item(), x.max().item()));
    }
  }

  private static Tensor log(Tensor x) {
    return x.log().clampMin(LEAST_LOG);
  }

  /** {@code ∂/∂x = g·(x − t)/(x·(1 − x))}, {@code ∂/∂t = g·(ln(1 − x) − ln x)}. */
  private record Gradient(SavedTensor x, @Nullable SavedTensor t) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor p = x.get();
      Tensor rest = p.neg().add(1);
      return grads(
          needs.input(0) && t != null
              ? g.mul(p.sub(t.get())).div(p.mul(rest).clampMin(LEAST_DIVISOR))
              : null,
          needs.input(1) ? g.mul(log(rest).sub(log(p))) : null);
    }
  }
}
