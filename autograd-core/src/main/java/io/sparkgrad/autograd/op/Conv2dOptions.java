// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/**
 * The settings of a 2-D convolution, for height and width.
 *
 * @param groups into how many independent convolutions the channels are split
 */
public record Conv2dOptions(
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    int dilationHeight,
    int dilationWidth,
    int groups) {

  public static final Conv2dOptions DEFAULT = new Conv2dOptions(1, 1, 0, 0, 1, 1, 1);

  public Conv2dOptions {
    require(
        strideHeight > 0 && strideWidth > 0,
        "non-positive stride is not supported",
        strideHeight + "×" + strideWidth);
    require(
        paddingHeight >= 0 && paddingWidth >= 0,
        "negative padding is not supported",
        paddingHeight + "×" + paddingWidth);
    require(
        dilationHeight > 0 && dilationWidth > 0,
        "dilation must be a positive integer",
        dilationHeight + "×" + dilationWidth);
    require(groups > 0, "groups must be a positive integer", String.valueOf(groups));
  }

  private static void require(boolean ok, String expected, String actual) {
    if (!ok) {
      throw new IllegalArgumentException("conv2d: " + expected + ", got " + actual);
    }
  }

  public Conv2dOptions withStride(int stride) {
    return new Conv2dOptions(
        stride, stride, paddingHeight, paddingWidth, dilationHeight, dilationWidth, groups);
  }

  public Conv2dOptions withPadding(int padding) {
    return new Conv2dOptions(
        strideHeight, strideWidth, padding, padding, dilationHeight, dilationWidth, groups);
  }

  public Conv2dOptions withDilation(int dilation) {
    return new Conv2dOptions(
        strideHeight, strideWidth, paddingHeight, paddingWidth, dilation, dilation, groups);
  }

  public Conv2dOptions withGroups(int value) {
    return new Conv2dOptions(
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        dilationHeight,
        dilationWidth,
        value);
  }

  /** Checks that shapes fit each other and these settings. */
  Conv2dGeometry geometry(Shape x, Shape weight) {
    if (x.rank() != 4 || weight.rank() != 4) {
      throw new ShapeMismatchException(
          "conv2d: expected an input [n, channels, height, width] and a weight [out, in/groups, height, width], got %s and %s"
              .formatted(x, weight));
    }
    if (weight.size(2) == 0 || weight.size(3) == 0) {
      throw new ShapeMismatchException(
          "conv2d: expected a kernel of 1×1 or more, got weight " + weight);
    }
    if (x.size(1) % groups != 0 || weight.size(0) % groups != 0) {
      throw new ShapeMismatchException(
          "conv2d: expected channels that are divisible by groups, got input %s, weight %s and groups %d"
              .formatted(x, weight, groups));
    }
    if (x.size(1) / groups != weight.size(1)) {
      throw new ShapeMismatchException(
          "conv2d: expected an input of %d channels for weight %s and groups %d, got %s"
              .formatted(weight.size(1) * groups, weight, groups, x));
    }
    Conv2dGeometry geometry =
        new Conv2dGeometry(
            Math.toIntExact(x.size(0)),
            Math.toIntExact(x.size(1)),
            Math.toIntExact(x.size(2)),
            Math.toIntExact(x.size(3)),
            Math.toIntExact(weight.size(0)),
            Math.toIntExact(weight.size(2)),
            Math.toIntExact(weight.size(3)),
            strideHeight,
            strideWidth,
            paddingHeight,
            paddingWidth,
            dilationHeight,
            dilationWidth,
            groups);
    if (geometry.outHeight() < 1 || geometry.outWidth() < 1) {
      throw new ShapeMismatchException(
          "conv2d: the kernel of weight %s is larger than the padded input %s"
              .formatted(weight, x));
    }
    return geometry;
  }

  void checkBias(Shape weight, Shape bias) {
    if (!bias.equals(Shape.of(weight.size(0)))) {
      throw new ShapeMismatchException(
          "conv2d: expected a bias of shape [%d], got %s".formatted(weight.size(0), bias));
    }
  }
}
