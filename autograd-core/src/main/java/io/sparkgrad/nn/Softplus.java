// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/**
 * {@code ln(1 + e^(beta·x))/beta}, and x itself where {@code beta·x} is above the threshold; any
 * shape.
 */
public final class Softplus extends Module {
  private final double beta;
  private final double threshold;

  public Softplus() {
    this(1, 20);
  }

  public Softplus(double beta, double threshold) {
    this.beta = beta;
    this.threshold = threshold;
  }

  static Softplus fromJson(LayerArguments a) {
    return new Softplus(a.number("beta", 1), a.number("threshold", 20));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.softplus(beta, threshold);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("beta", beta).put("threshold", threshold);
  }

  @Override
  protected String arguments() {
    return "beta=" + beta + ", threshold=" + threshold;
  }
}
