// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.shape.Shape;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Product over axes (all, if none is named); saves input and result. */
public final class Prod {
  private Prod() {}

  public static Tensor of(Tensor x, boolean keepDim, int... axes) {
    Kernels.floating("prod", x);
    boolean[] mask = x.shape().axisMask(axes);
    Tensor y = Tensor.zeros(x.shape().reduced(mask, keepDim), x.dtype(), x.backend());
    x.backend().reduce(ReduceKernel.PROD, x.buffer(), x.shape(), mask, y.buffer());
    return Tape.record(
        "Prod",
        y,
        new Tensor[] {x},
        saver -> new Gradient(saver.save(x), saver.saveResult(), mask));
  }

  /** Each element gets the product of the others: y/x, or where an x is 0 by multiplying them. */
  private record Gradient(SavedTensor x, SavedTensor y, boolean[] mask) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Shape kept = x.get().shape().reduced(mask, true);
      Tensor shared = g.reshape(kept.dims());
      return grads(
          CumProd.hasZero(x.get())
              ? shared.mul(others(x.get(), mask))
              : shared.mul(y.get().reshape(kept.dims())).div(x.get()));
    }
  }

  private static Tensor others(Tensor x, boolean[] mask) {
    int[] order =
        IntStream.concat(
                IntStream.range(0, mask.length).filter(i -> !mask[i]),
                IntStream.range(0, mask.length).filter(i -> mask[i]))
            .toArray();
    Tensor moved = x.permute(order);
    Tensor rows = moved.reshape(x.shape().reduced(mask, false).numel(), -1);
    Tensor after = CumSum.reversed(CumProd.before(CumSum.reversed(rows)));
    int[] back = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      back[order[i]] = i;
    }
    return CumProd.before(rows).mul(after).reshape(moved.shape().dims()).permute(back);
  }
}
