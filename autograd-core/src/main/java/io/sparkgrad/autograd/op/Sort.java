// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Elements of an axis in order. Equal ones keep theirs, NaN counts as the largest. The gradient
 * goes to where a value came from.
 */
public final class Sort {
  private Sort() {}

  /** Values, and INT64 where along the axis they stood. */
  public record Sorted(Tensor values, Tensor indices) {}

  public static Sorted of(Tensor x, int axis, boolean descending) {
    Kernels.floating("sort", x);
    return first(x, x.shape().axis(axis), x.size(axis), descending);
  }

  /** The k largest, or smallest, along an axis, in order. */
  public static Sorted topk(Tensor x, long k, int axis, boolean largest) {
    Kernels.floating("topk", x);
    int a = x.shape().axis(axis);
    if (k < 0 || k > x.size(a)) {
      throw new ShapeMismatchException(
          "topk: expected a k in [0, %d] for axis %d of shape %s, got %d"
              .formatted(x.size(a), axis, x.shape(), k));
    }
    return first(x, a, k, largest);
  }

  private static Sorted first(Tensor x, int axis, long k, boolean descending) {
    double[] values = x.detach().toDoubleArray();
    Shape shape = x.shape().withSize(axis, k);
    long[] order = new long[Math.toIntExact(shape.numel())];
    int n = (int) x.size(axis);
    int step = (int) x.shape().strides()[axis];
    for (int line = 0; n > 0 && line < values.length / n; line++) {
      int start = line / step * step * n + line % step;
      Comparator<Integer> ascending =
          Comparator.comparingDouble(i -> values[start + i * step] + 0.0);
      Integer[] places = IntStream.range(0, n).boxed().toArray(Integer[]::new);
      Arrays.sort(places, descending ? ascending.reversed() : ascending); // stable
      int target = line / step * step * (int) k + line % step;
      for (int i = 0; i < k; i++) {
        order[target + i * step] = places[i];
      }
    }
    Tensor indices = Reshape.fresh(IndexSelect.indices(order, x), shape.dims());
    return new Sorted(Gather.of(x, axis, indices), indices);
  }
}
