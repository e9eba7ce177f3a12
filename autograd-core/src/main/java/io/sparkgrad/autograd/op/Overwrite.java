// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import java.util.List;

/**
 * Values in place of some elements, by picking from old and new ones laid end to end: what is
 * overwritten has no influence, not even as NaN, and its gradient is 0. Of several values for one
 * place the last wins.
 */
final class Overwrite {
  private Overwrite() {}

  /** {@code x} with {@code values[i]} at the row-major position {@code positions[i]}. */
  static Tensor at(Tensor x, long[] positions, Tensor values) {
    long[] from = identity(x);
    for (int i = 0; i < positions.length; i++) {
      from[(int) positions[i]] = x.numel() + i;
    }
    return pick(x, values, from);
  }

  /** {@code x} with the only element of {@code value} at all these positions. */
  static Tensor all(Tensor x, long[] positions, Tensor value) {
    long[] from = identity(x);
    for (long position : positions) {
      from[(int) position] = x.numel();
    }
    return pick(x, value, from);
  }

  private static long[] identity(Tensor x) {
    long[] from = new long[Math.toIntExact(x.numel())];
    for (int i = 0; i < from.length; i++) {
      from[i] = i;
    }
    return from;
  }

  private static Tensor pick(Tensor x, Tensor values, long[] from) {
    Tensor both = Concat.of(List.of(x.reshape(-1), values.reshape(-1)), 0);
    return Reshape.fresh(IndexSelect.flat(both, from), x.shape().dims());
  }
}
