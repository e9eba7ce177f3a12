// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** Mean over height and width: {@code [n, c, h, w]} to {@code [n, c, 1, 1]}. */
public final class AdaptiveAvgPool2d extends Module {
  /**
   * Pools to one value per channel.
   *
   * @param outputSize 1; other sizes are not supported
   */
  public AdaptiveAvgPool2d(int outputSize) {
    if (outputSize != 1) {
      throw new IllegalArgumentException(
          "AdaptiveAvgPool2d: expected output_size 1 (global pooling), got " + outputSize);
    }
  }

  static AdaptiveAvgPool2d fromJson(LayerArguments a) {
    return new AdaptiveAvgPool2d(a.integer("output_size", 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.mean(true, 2, 3);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("output_size", 1);
  }

  @Override
  protected String arguments() {
    return "output_size=1";
  }
}
