// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/** Elements written along an axis: {@code torch.scatter}, the reverse of {@link Gather}. */
public final class Scatter {
  private Scatter() {}

  /** {@code y = x}, then {@code y[index[i][j]][j] = source[i][j]}; the last of several wins. */
  public static Tensor of(Tensor x, int axis, Tensor index, Tensor source) {
    Tensor used = used("scatter", x, index, source);
    return Overwrite.at(x, Gather.places("scatter", x.shape(), axis, index), used);
  }

  /** {@code y = x}, then {@code y[index[i][j]][j] += source[i][j]}. */
  public static Tensor add(Tensor x, int axis, Tensor index, Tensor source) {
    Tensor used = used("scatter_add", x, index, source);
    long[] places = Gather.places("scatter_add", x.shape(), axis, index);
    return x.add(IndexSelect.addFlat(used, places, x.shape()));
  }

  /** The part of the source that the index covers. */
  private static Tensor used(String op, Tensor x, Tensor index, Tensor source) {
    Kernels.together(op, x, source);
    Kernels.sameDevice(op, x, index);
    Shape shape = index.shape();
    boolean fits = source.rank() == shape.rank();
    for (int d = 0; fits && d < shape.rank(); d++) {
      fits = shape.size(d) <= source.size(d);
    }
    if (!fits) {
      throw new ShapeMismatchException(
          "%s: expected a source of at least the index's shape %s, got %s"
              .formatted(op, shape, source.shape()));
    }
    Tensor used = source;
    for (int d = 0; d < shape.rank(); d++) {
      used = shape.size(d) == used.size(d) ? used : Slice.of(used, d, 0, shape.size(d));
    }
    return used;
  }
}
