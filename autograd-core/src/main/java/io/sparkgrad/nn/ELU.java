// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** x above 0, else {@code alpha·(eˣ − 1)}; any shape. */
public final class ELU extends Module {
  private final double alpha;

  public ELU() {
    this(1);
  }

  public ELU(double alpha) {
    this.alpha = alpha;
  }

  static ELU fromJson(LayerArguments a) {
    return new ELU(a.number("alpha", 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.elu(alpha);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("alpha", alpha);
  }

  @Override
  protected String arguments() {
    return "alpha=" + alpha;
  }
}
