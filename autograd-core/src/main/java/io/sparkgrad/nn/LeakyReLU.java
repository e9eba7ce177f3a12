// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** x above 0, else {@code negative_slope·x}; any shape. */
public final class LeakyReLU extends Module {
  private final double negativeSlope;

  public LeakyReLU() {
    this(0.01);
  }

  public LeakyReLU(double negativeSlope) {
    this.negativeSlope = negativeSlope;
  }

  static LeakyReLU fromJson(LayerArguments a) {
    return new LeakyReLU(a.number("negative_slope", 0.01));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.leakyRelu(negativeSlope);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("negative_slope", negativeSlope);
  }

  @Override
  protected String arguments() {
    return "negative_slope=" + negativeSlope;
  }
}
