// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.backend.ReduceKernel;

/** Running sums along an axis; saves nothing. */
public final class CumSum {
  private CumSum() {}

  public static Tensor of(Tensor x, int axis) {
    if (x.rank() == 0) { // as a vector of one
      return Reshape.fresh(of(x.reshape(1), axis));
    }
    int a = x.shape().axis(axis);
    if (a != x.rank() - 1) {
      return of(x.transpose(a, -1), -1).transpose(a, -1);
    }
    Tensor y = scan("cumsum", ReduceKernel.SUM, x);
    return Tape.record(
        "CumSum", y, new Tensor[] {x}, saver -> (g, needs) -> grads(reversed(of(reversed(g), -1))));
  }

  static Tensor scan(String op, ReduceKernel kernel, Tensor x) {
    Kernels.floating(op, x);
    Tensor y = Tensor.zerosLike(x);
    long columns = x.size(-1);
    long rows = columns == 0 ? 0 : x.numel() / columns;
    x.backend().scanLastAxis(kernel, x.buffer(), rows, columns, y.buffer());
    return y;
  }

  /** The last axis backwards. */
  static Tensor reversed(Tensor x) {
    long[] strides = x.shape().strides();
    Layout forwards = new Layout(0, strides.clone());
    strides[strides.length - 1] = -1;
    Tensor y = Tensor.zerosLike(x);
    x.backend()
        .copy(x.shape(), x.buffer(), new Layout(x.size(-1) - 1, strides), y.buffer(), forwards);
    return Tape.record("Reverse", y, new Tensor[] {x}, saver -> (g, needs) -> grads(reversed(g)));
  }
}
