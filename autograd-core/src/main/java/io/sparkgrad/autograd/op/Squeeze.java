// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;

/** Takes out and puts in axes of size 1, over the same storage. */
public final class Squeeze {
  private Squeeze() {}

  /** Drops these axes where their size is 1; without axes all of size 1. */
  public static Tensor of(Tensor x, int... axes) {
    boolean[] mask = x.shape().axisMask(axes);
    for (int i = 0; i < mask.length; i++) {
      mask[i] &= x.size(i) == 1;
    }
    return x.reshape(x.shape().reduced(mask, false).dims());
  }

  /** Inserts an axis of size 1 so that it becomes the given one; -1 is the last. */
  public static Tensor un(Tensor x, int axis) {
    long[] wider = Arrays.copyOf(x.shape().dims(), x.rank() + 1);
    int a = Shape.of(wider).axis(axis);
    System.arraycopy(wider, a, wider, a + 1, x.rank() - a);
    wider[a] = 1;
    return x.reshape(wider);
  }
}
