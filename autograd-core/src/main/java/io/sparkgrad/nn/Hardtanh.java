// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** x cut to {@code [min_val, max_val]}, any shape. */
public final class Hardtanh extends Module {
  private final double minVal;
  private final double maxVal;

  public Hardtanh() {
    this(-1, 1);
  }

  public Hardtanh(double minVal, double maxVal) {
    if (!(minVal <= maxVal)) {
      throw new IllegalArgumentException(
          "Hardtanh: min_val has to be at most max_val, got %s and %s".formatted(minVal, maxVal));
    }
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  static Hardtanh fromJson(LayerArguments a) {
    return new Hardtanh(a.number("min_val", -1), a.number("max_val", 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.hardtanh(minVal, maxVal);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("min_val", minVal).put("max_val", maxVal);
  }

  @Override
  protected String arguments() {
    return "min_val=" + minVal + ", max_val=" + maxVal;
  }
}
