// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;

/**
 * Mean of each window of {@code [n, c, h, w]}: a convolution of each channel with ones, divided by
 * how many elements a window counts. Saves no input.
 */
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
    Pool2dOptions.Axis height = options.height("avg_pool2d", x.shape());
    Pool2dOptions.Axis width = options.width("avg_pool2d", x.shape());
    Tensor sums = sums(x, height, width);
    Tensor shares =
        Tensor.zeros(sums.shape().withSize(0, 1).withSize(1, 1), x.dtype(), x.backend());
    double[] parts = new double[height.out() * width.out()];
    for (int i = 0; i < parts.length; i++) {
      long rows = count(height, i / width.out(), countIncludePad);
      parts[i] = 1.0 / (rows * count(width, i % width.out(), countIncludePad));
    }
    shares.backend().upload(parts, shares.buffer());
    return sums.mul(shares);
  }

  private static Tensor sums(Tensor x, Pool2dOptions.Axis height, Pool2dOptions.Axis width) {
    int channels = Math.toIntExact(x.size(1));
    Tensor ones =
        Tensor.zeros(Shape.of(channels, 1, height.kernel(), width.kernel()), x.dtype(), x.backend())
            .fill_(1);
    Tensor wide = x;
    if (height.overhang() > 0 || width.overhang() > 0) {
      wide = Pad.of(x, 0, 0, width.overhang(), 0, height.overhang());
    }
    Tensor y =
        Conv2d.of(
            wide,
            ones,
            null,
            new Conv2dOptions(
                height.stride(),
                width.stride(),
                height.padding(),
                width.padding(),
                1,
                1,
                channels));
    // A border behind may make room for windows that would start in it.
    Tensor high = y.size(2) == height.out() ? y : Slice.of(y, 2, 0, height.out());
    return high.size(3) == width.out() ? high : Slice.of(high, 3, 0, width.out());
  }

  private static long count(Pool2dOptions.Axis axis, int window, boolean padding) {
    int border = padding ? axis.padding() : 0;
    int start = window * axis.stride() - axis.padding();
    int end = Math.min(start + axis.kernel(), axis.size() + border);
    return (long) end - Math.max(start, -border);
  }
}
