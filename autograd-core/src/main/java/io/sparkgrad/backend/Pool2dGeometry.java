// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Everything about a 2-D pooling but its numbers. Input {@code [planes, height, width]} (batch and
 * channels folded into planes), output {@code [planes, outHeight(), outWidth()]}. Padding never
 * counts as an element of a maximum.
 */
public record Pool2dGeometry(
    int planes,
    int height,
    int width,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int padHeight,
    int padWidth) {

  public int outHeight() {
    return Math.floorDiv(height + 2 * padHeight - kernelHeight, strideHeight) + 1;
  }

  public int outWidth() {
    return Math.floorDiv(width + 2 * padWidth - kernelWidth, strideWidth) + 1;
  }
}
