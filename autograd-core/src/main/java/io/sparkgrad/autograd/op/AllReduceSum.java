// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.ProcessGroup;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The sum of a tensor over the processes of a group. Each process's summand is in the result of
 * every process, so its gradient is the sum of theirs. Saves nothing.
 */
public final class AllReduceSum {
  private AllReduceSum() {}

  /**
   * The sum, where the tensor is.
   *
   * @param values the same on the host
   */
  record Summed(Tensor sum, double[] values) {}

  /** Waits for the other processes, which do the same with a tensor of this shape. */
  public static Tensor of(Tensor x, ProcessGroup group) {
    return summed(x, group).sum;
  }

  /** As {@link #of}; the values have passed through the host anyway. */
  static Summed summed(Tensor x, ProcessGroup group) {
    Kernels.floating("all_reduce", x);
    double[] values = x.toDoubleArray();
    group.allReduceSum(values);
    Tensor y = Tensor.zerosLike(x);
    y.backend().upload(values, y.buffer());
    Tensor sum = Tape.record("AllReduceSum", y, new Tensor[] {x}, saver -> new Gradient(group));
    return new Summed(sum, values);
  }

  private record Gradient(ProcessGroup group) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return Backward.grads(of(g, group));
    }
  }
}
