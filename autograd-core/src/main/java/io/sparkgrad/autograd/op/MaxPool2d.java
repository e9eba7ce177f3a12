// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.shape.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Maximum of each window of {@code [n, c, h, w]}; saves where it stands. Of equal values the first
 * in row order counts.
 */
public final class MaxPool2d {
  private MaxPool2d() {}

  /** Square windows; padding never wins. */
  public static Tensor of(Tensor x, int kernel, int stride, int padding) {
    return of(x, Pool2dOptions.of(kernel).withStride(stride, stride).withPadding(padding, padding));
  }

  /** Padding never wins. */
  public static Tensor of(Tensor x, Pool2dOptions options) {
    Kernels.floating("max_pool2d", x);
    options.check("max_pool2d", x.shape());
    Pool2dOptions.Axis height = options.height("max_pool2d", x.shape());
    Pool2dOptions.Axis width = options.width("max_pool2d", x.shape());
    if (height.dilation() > 1 || width.dilation() > 1) {
      return dilated(x, height, width);
    }
    return windows(x, Pool2dOptions.geometry(x.shape(), height, width));
  }

  /** Lays the windows side by side, in the order of their elements, so that ties stay ties. */
  private static Tensor dilated(Tensor x, Pool2dOptions.Axis height, Pool2dOptions.Axis width) {
    Tensor padded =
        Pad.of(
            x,
            Double.NEGATIVE_INFINITY,
            width.padding(),
            width.padding() + width.overhang(),
            height.padding(),
            height.padding() + height.overhang());
    Tensor rows = IndexSelect.of(padded, 2, IndexSelect.indices(elements(height), x));
    Tensor all = IndexSelect.of(rows, 3, IndexSelect.indices(elements(width), x));
    return of(all, Pool2dOptions.of(height.kernel(), width.kernel()));
  }

  private static long[] elements(Pool2dOptions.Axis axis) {
    long[] elements = new long[axis.out() * axis.kernel()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] =
          (long) i / axis.kernel() * axis.stride() + (long) i % axis.kernel() * axis.dilation();
    }
    return elements;
  }

  private static Tensor windows(Tensor x, Pool2dGeometry geometry) {
    Shape shape = Shape.of(x.size(0), x.size(1), geometry.outHeight(), geometry.outWidth());
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    boolean places = x.requiresGrad() && GradMode.isEnabled();
    Buffer found = x.backend().maxPool2d(geometry, x.buffer(), y.buffer(), places);
    if (found == null) {
      return Tape.record(
          "MaxPool2d",
          y,
          new Tensor[] {x},
          saver -> {
            throw new IllegalStateException("recorded without a place to send gradients to");
          });
    }
    Tensor kept = Tensor.wrap(BufferScope.own(found), Shape.of(shape.numel()));
    Shape before = x.shape();
    return Tape.record(
        "MaxPool2d",
        y,
        new Tensor[] {x},
        saver -> new Gradient(geometry, saver.save(kept), before));
  }

  private record Gradient(Pool2dGeometry geometry, SavedTensor places, Shape before)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor where = places.get();
      Tensor gx = Tensor.zeros(before, g.dtype(), g.backend());
      g.backend().maxPool2dGradient(geometry, where.buffer(), g.buffer(), gx.buffer());
      return grads(
          Tape.record(
              "MaxPool2dGradient",
              gx,
              new Tensor[] {g},
              saver -> new GradientGradient(geometry, saver.save(where))));
    }
  }

  /** Spreading values over places is undone by collecting them there. */
  private record GradientGradient(Pool2dGeometry geometry, SavedTensor places) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor gg, Needs needs) {
      Tensor where = places.get();
      Tensor indices = Tensor.zeros(where.shape(), DType.INT64, gg.backend());
      gg.backend().maxPool2dIndices(geometry, where.buffer(), indices.buffer());
      Tensor collected = IndexSelect.of(gg.reshape(-1), indices);
      return grads(
          collected.reshape(gg.size(0), gg.size(1), geometry.outHeight(), geometry.outWidth()));
    }
  }
}
