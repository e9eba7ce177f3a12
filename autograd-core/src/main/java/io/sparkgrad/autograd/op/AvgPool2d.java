// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.shape.Shape;

/** Mean of each window of {@code [n, c, h, w]}; linear, and saves nothing. */
public final class AvgPool2d {
  private AvgPool2d() {}

  /**
   * Means of windows.
   *
   * @param countIncludePad whether zeros of the padding count; what ceil mode adds never does
   */
  public static Tensor of(Tensor x, Pool2dOptions options, boolean countIncludePad) {
    Kernels.floating("avg_pool2d", x);
    options.check("avg_pool2d", x.shape());
    if (options.dilationHeight() != 1 || options.dilationWidth() != 1) {
      throw new IllegalArgumentException(
          "avg_pool2d: expected a dilation of 1, got %d×%d"
              .formatted(options.dilationHeight(), options.dilationWidth()));
    }
    Pool2dGeometry geometry =
        Pool2dOptions.geometry(
            x.shape(),
            options.height("avg_pool2d", x.shape()),
            options.width("avg_pool2d", x.shape()));
    return forward(x, new Windows(geometry, countIncludePad));
  }

  /** The mean of each plane. */
  static Tensor ofPlanes(Tensor x) {
    int height = Math.toIntExact(x.size(2));
    int width = Math.toIntExact(x.size(3));
    return of(x, Pool2dOptions.of(height, width), true);
  }

  private record Windows(Pool2dGeometry geometry, boolean countIncludePad) {}

  private static Tensor forward(Tensor x, Windows w) {
    Pool2dGeometry g = w.geometry;
    Tensor y =
        Tensor.zeros(
            Shape.of(g.n(), g.channels(), g.outHeight(), g.outWidth()), x.dtype(), x.backend());
    x.backend().avgPool2d(g, w.countIncludePad, x.buffer(), y.buffer());
    Backward gradient = (gy, needs) -> grads(spread(gy, w));
    return Tape.record("AvgPool2d", y, new Tensor[] {x}, saver -> gradient);
  }

  private static Tensor spread(Tensor gy, Windows w) {
    Pool2dGeometry g = w.geometry;
    Tensor gx =
        Tensor.zeros(
            Shape.of(g.n(), g.channels(), g.height(), g.width()), gy.dtype(), gy.backend());
    gy.backend().avgPool2dGradient(g, w.countIncludePad, gy.buffer(), gx.buffer());
    Backward gradient = (gg, needs) -> grads(forward(gg, w));
    return Tape.record("AvgPool2dGradient", gx, new Tensor[] {gy}, saver -> gradient);
  }
}
