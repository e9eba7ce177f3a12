// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;

/** {@code base·γ^epoch}. */
public final class ExponentialLR extends LRScheduler {
  private final double gamma;

  public ExponentialLR(Optimizer<?> optimizer, double gamma) {
    super(optimizer);
    this.gamma = gamma;
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    return base * Math.pow(gamma, epoch);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("gamma", gamma);
  }
}
