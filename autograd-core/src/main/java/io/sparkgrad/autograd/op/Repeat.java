// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;

/** A tensor side by side with itself: {@code torch.Tensor.repeat}. */
public final class Repeat {
  private Repeat() {}

  /** How often along each axis; more counts than axes put new ones in front. */
  public static Tensor of(Tensor x, long... counts) {
    if (counts.length < x.rank() || Arrays.stream(counts).anyMatch(c -> c < 0)) {
      throw new ShapeMismatchException(
          "repeat: expected a count of 0 or more for each axis of shape %s, got %s"
              .formatted(x.shape(), Arrays.toString(counts)));
    }
    int n = counts.length;
    long[] apart = new long[2 * n]; // [1, size] for each axis: the ones stretch
    long[] stretched = new long[2 * n];
    long[] folded = new long[n];
    for (int i = 0; i < n; i++) {
      long size = i < n - x.rank() ? 1 : x.size(i - n + x.rank());
      apart[2 * i] = 1;
      apart[2 * i + 1] = size;
      stretched[2 * i] = counts[i];
      stretched[2 * i + 1] = size;
      folded[i] = counts[i] * size;
    }
    return Arrays.stream(counts).allMatch(c -> c == 1)
        ? x.reshape(folded).copy() // nothing stretches, and the storage would be that of x
        : Reshape.fresh(x.reshape(apart).expand(stretched), folded);
  }
}
