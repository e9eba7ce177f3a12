// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Everything about a 2-D convolution but its numbers. Input {@code [n, inChannels, height, width]},
 * weight {@code [outChannels, inChannels/groups, kernelHeight, kernelWidth]}, output {@code [n,
 * outChannels, outHeight(), outWidth()]}.
 */
public record Conv2dGeometry(
    int n,
    int inChannels,
    int height,
    int width,
    int outChannels,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int padHeight,
    int padWidth,
    int dilationHeight,
    int dilationWidth,
    int groups) {

  public int outHeight() {
    return Math.floorDiv(
            height + 2 * padHeight - dilationHeight * (kernelHeight - 1) - 1, strideHeight)
        + 1;
  }

  public int outWidth() {
    return Math.floorDiv(width + 2 * padWidth - dilationWidth * (kernelWidth - 1) - 1, strideWidth)
        + 1;
  }

  public int inChannelsPerGroup() {
    return inChannels / groups;
  }

  public int outChannelsPerGroup() {
    return outChannels / groups;
  }

  /** The same for another number of images. */
  public Conv2dGeometry withN(int images) {
    return new Conv2dGeometry(
        images,
        inChannels,
        height,
        width,
        outChannels,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        padHeight,
        padWidth,
        dilationHeight,
        dilationWidth,
        groups);
  }
}
