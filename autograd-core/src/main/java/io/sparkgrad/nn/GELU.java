// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/**
 * {@code x·Φ(x)} with the normal distribution Φ; {@code approximate} is {@code "none"} or {@code
 * "tanh"}.
 */
public final class GELU extends Module {
  private final String approximate;

  public GELU() {
    this("none");
  }

  public GELU(String approximate) {
    if (!approximate.equals("none") && !approximate.equals("tanh")) {
      throw new IllegalArgumentException(
          "GELU: approximate has to be \"none\" or \"tanh\", got \"" + approximate + "\"");
    }
    this.approximate = approximate;
  }

  static GELU fromJson(LayerArguments a) {
    return new GELU(a.text("approximate", "none"));
  }

  @Override
  public Tensor forward(Tensor x) {
    return approximate.equals("tanh") ? x.geluTanh() : x.gelu();
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("approximate", approximate);
  }

  @Override
  protected String arguments() {
    return "approximate=" + approximate;
  }
}
