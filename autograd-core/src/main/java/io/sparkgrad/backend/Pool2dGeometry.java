// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Everything about a 2-D pooling but its numbers. Input {@code [n, channels, height, width]},
 * output {@code [n, channels, outHeight, outWidth]}; what windows reach beyond the input is
 * padding, on the right and below also more than asked for (ceil mode).
 */
public record Pool2dGeometry(
    int n,
    int channels,
    int height,
    int width,
    int outHeight,
    int outWidth,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int padHeight,
    int padWidth) {

  /** Images of one channel. */
  public int planes() {
    return Math.multiplyExact(n, channels);
  }

  /** Rows that the last windows reach below the input. */
  public int padBottom() {
    return Math.max(0, (outHeight - 1) * strideHeight + kernelHeight - height - padHeight);
  }

  /** Columns that the last windows reach beyond the input on the right. */
  public int padRight() {
    return Math.max(0, (outWidth - 1) * strideWidth + kernelWidth - width - padWidth);
  }

  /** The same for another number of images. */
  public Pool2dGeometry withN(int images) {
    return new Pool2dGeometry(
        images,
        channels,
        height,
        width,
        outHeight,
        outWidth,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        padHeight,
        padWidth);
  }
}
