// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;

/** Axes in reverse order. */
public final class Flip {
  private Flip() {}

  public static Tensor of(Tensor x, int... axes) {
    boolean[] mask = axes.length == 0 ? new boolean[x.rank()] : x.shape().axisMask(axes);
    long[] strides = x.shape().strides();
    long offset = 0;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i]) {
        offset += (x.size(i) - 1) * strides[i];
        strides[i] = -strides[i];
      }
    }
    return Strided.take("Flip", x, x.shape(), new Layout(offset, strides));
  }
}
