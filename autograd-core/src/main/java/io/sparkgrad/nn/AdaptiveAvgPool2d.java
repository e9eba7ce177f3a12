// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** Means of as many windows as asked for: {@code [n, c, h, w]} to {@code [n, c, height, width]}. */
public final class AdaptiveAvgPool2d extends Module {
  private final int height;
  private final int width;

  /** A square output; 1 takes the mean of each channel. */
  public AdaptiveAvgPool2d(int outputSize) {
    this(outputSize, outputSize);
  }

  public AdaptiveAvgPool2d(int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "AdaptiveAvgPool2d: expected an output_size of 1 or more, got %d×%d"
              .formatted(height, width));
    }
    this.height = height;
    this.width = width;
  }

  static AdaptiveAvgPool2d fromJson(LayerArguments a) {
    int[] size = a.pair("output_size", 1);
    return new AdaptiveAvgPool2d(size[0], size[1]);
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.AdaptiveAvgPool2d.of(x, height, width);
  }

  @Override
  protected void describe(ObjectNode json) {
    LayerArguments.putPair(json, "output_size", height, width);
  }

  @Override
  protected String arguments() {
    return "output_size=" + LayerArguments.pairText(height, width);
  }
}
