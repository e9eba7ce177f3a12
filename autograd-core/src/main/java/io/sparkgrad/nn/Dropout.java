// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/**
 * In training sets each element to 0 with probability p and scales the others by {@code 1/(1 − p)};
 * in eval mode the identity. Draws from this thread's generator.
 */
public final class Dropout extends Module {
  private final double p;

  public Dropout(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("Dropout: p has to be between 0 and 1, got " + p);
    }
    this.p = p;
  }

  static Dropout fromJson(LayerArguments a) {
    return new Dropout(a.number("p", 0.5));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.dropout(p, isTraining());
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("p", p);
  }

  @Override
  protected String arguments() {
    return "p=" + p;
  }
}
