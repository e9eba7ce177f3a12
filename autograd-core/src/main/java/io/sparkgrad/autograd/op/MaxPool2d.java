// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * Maximum of each window of {@code [n, c, h, w]}; saves where it stands. Of equal values the first
 * in row order counts.
 */
public final class MaxPool2d {
  private MaxPool2d() {}

  /** Square windows; padding never wins. */
  public static Tensor of(Tensor x, int kernel, int stride, int padding) {
    Kernels.floating("max_pool2d", x);
    if (x.rank() != 4 || x.size(2) == 0 || x.size(3) == 0) {
      throw new ShapeMismatchException(
          "max_pool2d: expected [n, channels, height, width] with a height and width of 1 or more, got "
              + x.shape());
    }
    if (kernel < 1 || stride < 1 || padding < 0 || padding > kernel / 2) {
      throw new IllegalArgumentException(
          "max_pool2d: expected kernel and stride of 1 or more and padding of at most half the kernel, got kernel %d, stride %d, padding %d"
              .formatted(kernel, stride, padding));
    }
    var geometry =
        new Pool2dGeometry(
            Math.toIntExact(x.size(0) * x.size(1)),
            Math.toIntExact(x.size(2)),
            Math.toIntExact(x.size(3)),
            kernel,
            kernel,
            stride,
            stride,
            padding,
            padding);
    if (geometry.outHeight() < 1 || geometry.outWidth() < 1) {
      throw new ShapeMismatchException(
          "max_pool2d: a window of %d is larger than the padded input %s"
              .formatted(kernel, x.shape()));
    }
    Shape shape = Shape.of(x.size(0), x.size(1), geometry.outHeight(), geometry.outWidth());
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    Tensor places = Tensor.zeros(Shape.of(shape.numel()), DType.INT64, x.backend());
    x.backend().maxPool2d(geometry, x.buffer(), y.buffer(), places.buffer());
    Shape before = x.shape();
    return Tape.record(
        "MaxPool2d", y, new Tensor[] {x}, saver -> new Gradient(saver.save(places), before));
  }

  private record Gradient(SavedTensor places, Shape before) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor flat = IndexSelect.add(g.reshape(-1), places.get(), before.numel());
      return grads(flat.reshape(before.dims()));
    }
  }
}
