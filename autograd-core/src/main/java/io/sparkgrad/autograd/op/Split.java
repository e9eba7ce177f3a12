// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor in parts along an axis; what no gradient reaches counts as zero. The parts are copies: a
 * write to one does not reach the tensor, nor the others.
 */
public final class Split {
  private Split() {}

  /** Parts of these sizes, which add up to the axis. */
  public static List<Tensor> of(Tensor x, int axis, long... sizes) {
    if (Arrays.stream(sizes).sum() != x.size(axis) || Arrays.stream(sizes).anyMatch(s -> s < 0)) {
      throw new ShapeMismatchException(
          "split: expected sizes that add up to axis %d of shape %s, got %s"
              .formatted(axis, x.shape(), Arrays.toString(sizes)));
    }
    List<Tensor> parts = new ArrayList<>();
    long start = 0;
    for (long size : sizes) {
      parts.add(Slice.of(x, axis, start, size));
      start += size;
    }
    return parts;
  }

  /** Parts of one size, of which the last may be smaller. */
  public static List<Tensor> every(Tensor x, int axis, long size) {
    if (size < 1) {
      throw new IllegalArgumentException("split: expected a size of 1 or more, got " + size);
    }
    long n = x.size(axis);
    long[] sizes = new long[Math.toIntExact(Math.max(1, (n + size - 1) / size))];
    Arrays.setAll(sizes, i -> Math.min(size, n - i * size));
    return of(x, axis, sizes);
  }

  /** At most so many parts, of equal size but for the last. */
  public static List<Tensor> chunk(Tensor x, int axis, int chunks) {
    if (chunks < 1) {
      throw new IllegalArgumentException("chunk: expected 1 chunk or more, got " + chunks);
    }
    if (x.size(axis) == 0) { // nothing to share out: all of them, as in PyTorch
      return of(x, axis, new long[chunks]);
    }
    return every(x, axis, (x.size(axis) + chunks - 1) / chunks);
  }

  /** The entries of an axis, which disappears. */
  public static List<Tensor> unbind(Tensor x, int axis) {
    List<Tensor> parts = new ArrayList<>();
    for (long i = 0; i < x.size(axis); i++) {
      parts.add(Select.of(x, axis, i));
    }
    return parts;
  }
}
