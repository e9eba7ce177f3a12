// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/**
 * The settings of a 2-D pooling, for height and width.
 *
 * @param ceilMode whether a last window that sticks out counts, if it starts inside
 */
public record Pool2dOptions(
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    int dilationHeight,
    int dilationWidth,
    boolean ceilMode) {

  /** Square windows side by side. */
  public static Pool2dOptions of(int kernel) {
    return of(kernel, kernel);
  }

  /** Windows side by side. */
  public static Pool2dOptions of(int height, int width) {
    return new Pool2dOptions(height, width, height, width, 0, 0, 1, 1, false);
  }

  public Pool2dOptions withStride(int height, int width) {
    return new Pool2dOptions(
        kernelHeight,
        kernelWidth,
        height,
        width,
        paddingHeight,
        paddingWidth,
        dilationHeight,
        dilationWidth,
        ceilMode);
  }

  public Pool2dOptions withPadding(int height, int width) {
    return new Pool2dOptions(
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        height,
        width,
        dilationHeight,
        dilationWidth,
        ceilMode);
  }

  public Pool2dOptions withDilation(int height, int width) {
    return new Pool2dOptions(
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        height,
        width,
        ceilMode);
  }

  public Pool2dOptions withCeilMode(boolean value) {
    return new Pool2dOptions(
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        dilationHeight,
        dilationWidth,
        value);
  }

  /** The windows along one axis, of which the last may stick out of the padded input. */
  record Axis(int kernel, int stride, int padding, int dilation, int size, int out) {
    /** From the first to the last element of a window. */
    int reach() {
      return dilation * (kernel - 1) + 1;
    }

    /** Elements that a border behind needs, so that every window has its own. */
    int overhang() {
      return Math.max(0, (out - 1) * stride + reach() - size - 2 * padding);
    }
  }

  Axis height(String op, Shape x) {
    return axis(
        op,
        x,
        kernelHeight,
        strideHeight,
        paddingHeight,
        dilationHeight,
        Math.toIntExact(x.size(2)));
  }

  Axis width(String op, Shape x) {
    return axis(
        op, x, kernelWidth, strideWidth, paddingWidth, dilationWidth, Math.toIntExact(x.size(3)));
  }

  private Axis axis(
      String op, Shape x, int kernel, int stride, int padding, int dilation, int size) {
    int room = size + 2 * padding - dilation * (kernel - 1) - 1;
    int out = Math.floorDiv(room + (ceilMode ? stride - 1 : 0), stride) + 1;
    if (ceilMode && (out - 1) * stride >= size + padding) {
      out--; // it would start in the border behind
    }
    if (out < 1) {
      throw new ShapeMismatchException(
          "%s: a window of %d is larger than the padded input %s".formatted(op, kernel, x));
    }
    return new Axis(kernel, stride, padding, dilation, size, out);
  }

  static Pool2dGeometry geometry(Shape x, Axis height, Axis width) {
    return new Pool2dGeometry(
        Math.toIntExact(x.size(0)),
        Math.toIntExact(x.size(1)),
        Math.toIntExact(x.size(2)),
        Math.toIntExact(x.size(3)),
        height.out(),
        width.out(),
        height.kernel(),
        width.kernel(),
        height.stride(),
        width.stride(),
        height.padding(),
        width.padding());
  }

  /** Checks the settings, and that the input is a batch of images. */
  void check(String op, Shape x) {
    if (x.rank() != 4 || x.size(2) == 0 || x.size(3) == 0) {
      throw new ShapeMismatchException(
          op
              + ": expected [n, channels, height, width] with a height and width of 1 or more, got "
              + x);
    }
    check(op, kernelHeight, strideHeight, paddingHeight);
    check(op, kernelWidth, strideWidth, paddingWidth);
    if (dilationHeight < 1 || dilationWidth < 1) {
      throw new IllegalArgumentException(
          "%s: expected a dilation of 1 or more, got %d×%d"
              .formatted(op, dilationHeight, dilationWidth));
    }
  }

  private static void check(String op, int kernel, int stride, int padding) {
    if (kernel < 1 || stride < 1 || padding < 0 || padding > kernel / 2) {
      throw new IllegalArgumentException(
          "%s: expected kernel and stride of 1 or more and padding of at most half the kernel, got kernel %d, stride %d, padding %d"
              .formatted(op, kernel, stride, padding));
    }
  }
}
