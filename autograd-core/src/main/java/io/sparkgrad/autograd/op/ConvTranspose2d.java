// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of {@link Conv2d} for its input as an operation of its own: x {@code [n, in, h, w]},
 * weight {@code [in, out/groups, kh, kw]}, bias {@code [out]} or null, result {@code [n, out, (h −
 * 1)·stride − 2·padding + dilation·(kh − 1) + outputPadding + 1, ...]}.
 */
public final class ConvTranspose2d {
  private ConvTranspose2d() {}

  /**
   * The result's size is ambiguous by the stride; {@code outputPadding}, below stride or dilation,
   * adds to its end.
   */
  public static Tensor of(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Conv2dOptions options,
      int outputPaddingHeight,
      int outputPaddingWidth) {
    Kernels.together("conv_transpose2d", x, weight);
    checkShapes(x.shape(), weight.shape(), options.groups());
    checkPadding(outputPaddingHeight, options.strideHeight(), options.dilationHeight());
    checkPadding(outputPaddingWidth, options.strideWidth(), options.dilationWidth());
    long height =
        (x.size(2) - 1) * options.strideHeight()
            + options.dilationHeight() * (weight.size(2) - 1)
            + (outputPaddingHeight + 1 - 2L * options.paddingHeight());
    long width =
        (x.size(3) - 1) * options.strideWidth()
            + options.dilationWidth() * (weight.size(3) - 1)
            + (outputPaddingWidth + 1 - 2L * options.paddingWidth());
    Tensor y = enlarged(x, weight, options, height, width);
    return bias == null ? y : biased(y, bias);
  }

  /** The gradient of a convolution whose input had this height and width. */
  private static Tensor enlarged(
      Tensor x, Tensor weight, Conv2dOptions options, long height, long width) {
    if (height < 1 || width < 1) {
      throw new ShapeMismatchException(
          "conv_transpose2d: the padding leaves nothing of input %s and weight %s: %d×%d"
              .formatted(x.shape(), weight.shape(), height, width));
    }
    long channels = weight.size(1) * options.groups();
    Conv2dGeometry geometry =
        options.geometry(Shape.of(x.size(0), channels, height, width), weight.shape());
    // Output padding of a stride or more (dilation allows it) is further input rows of zeros.
    long rows = geometry.outHeight() - x.size(2);
    long columns = geometry.outWidth() - x.size(3);
    Tensor whole = rows + columns == 0 ? x : Pad.of(x, 0, 0, columns, 0, rows);
    return Conv2d.inputGradient(geometry, whole, weight);
  }

  private static Tensor biased(Tensor y, Tensor bias) {
    long channels = y.size(1);
    if (!bias.shape().equals(Shape.of(channels))) {
      throw new ShapeMismatchException(
          "conv_transpose2d: expected a bias of shape [%d], got %s"
              .formatted(channels, bias.shape()));
    }
    Kernels.together("conv_transpose2d", y, bias);
    return y.add(bias.reshape(channels, 1, 1));
  }

  private static void checkShapes(Shape x, Shape weight, int groups) {
    if (x.rank() != 4
        || weight.rank() != 4
        || x.size(1) != weight.size(0)
        || x.size(1) % groups != 0
        || x.size(2) == 0
        || x.size(3) == 0) {
      throw new ShapeMismatchException(
          "conv_transpose2d: expected an input [n, in, height, width] and a weight [in, out/groups, height, width] with in divisible by groups, got %s, %s and groups %d"
              .formatted(x, weight, groups));
    }
  }

  private static void checkPadding(int outputPadding, int stride, int dilation) {
    if (outputPadding < 0 || outputPadding >= Math.max(stride, dilation)) {
      throw new IllegalArgumentException(
          "conv_transpose2d: output padding must be smaller than either stride or dilation, got %d for stride %d and dilation %d"
              .formatted(outputPadding, stride, dilation));
    }
  }
}
