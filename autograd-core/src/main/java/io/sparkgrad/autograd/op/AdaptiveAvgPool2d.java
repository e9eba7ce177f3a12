// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.List;

/**
 * Means of as many windows as asked for: {@code [n, c, h, w]} to {@code [n, c, height, width]}.
 * Window i of n along an axis of size s reaches from {@code ⌊i·s/n⌋} to {@code ⌈(i+1)·s/n⌉}.
 */
public final class AdaptiveAvgPool2d {
  private AdaptiveAvgPool2d() {}

  public static Tensor of(Tensor x, int height, int width) {
    Kernels.floating("adaptive_avg_pool2d", x);
    if (x.rank() != 4 || x.size(2) == 0 || x.size(3) == 0) {
      throw new ShapeMismatchException(
          "adaptive_avg_pool2d: expected [n, channels, height, width] with a height and width of 1 or more, got "
              + x.shape());
    }
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "adaptive_avg_pool2d: expected an output size of 1 or more, got %d×%d"
              .formatted(height, width));
    }
    if (height == 1 && width == 1) {
      return AvgPool2d.ofPlanes(x);
    }
    if (x.size(2) % height == 0 && x.size(3) % width == 0) {
      return x.reshape(x.size(0), x.size(1), height, x.size(2) / height, width, x.size(3) / width)
          .mean(3, 5);
    }
    return means(means(x, 2, height), 3, width);
  }

  private static Tensor means(Tensor x, int axis, int windows) {
    long size = x.size(axis);
    if (size == windows) {
      return x;
    }
    List<Tensor> means = new ArrayList<>();
    for (int i = 0; i < windows; i++) {
      long start = i * size / windows;
      long end = ((i + 1) * size + windows - 1) / windows;
      means.add(Slice.of(x, axis, start, end - start).mean(true, axis));
    }
    return Concat.of(means, axis);
  }
}
