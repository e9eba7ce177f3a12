// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * 1-D cross-correlation as {@link Conv2d} of height 1: x {@code [n, in, length]}, weight {@code
 * [out, in/groups, k]}, bias {@code [out]} or null.
 */
public final class Conv1d {
  private Conv1d() {}

  /** Of the options the settings for the width count. */
  public static Tensor of(Tensor x, Tensor weight, @Nullable Tensor bias, Conv2dOptions options) {
    if (x.rank() != 3 || weight.rank() != 3) {
      throw new ShapeMismatchException(
          "conv1d: expected an input [n, channels, length] and a weight [out, in/groups, k], got %s and %s"
              .formatted(x.shape(), weight.shape()));
    }
    Conv2dOptions flat =
        new Conv2dOptions(
            1,
            options.strideWidth(),
            0,
            options.paddingWidth(),
            1,
            options.dilationWidth(),
            options.groups());
    Tensor y = Conv2d.of(Squeeze.un(x, 2), Squeeze.un(weight, 2), bias, flat);
    return Reshape.fresh(y, y.size(0), y.size(1), y.size(3));
  }
}
