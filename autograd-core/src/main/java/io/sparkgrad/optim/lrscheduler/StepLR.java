// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;

/** {@code base·γ^⌊epoch/stepSize⌋}. */
public final class StepLR extends LRScheduler {
  private final int stepSize;
  private final double gamma;

  /** With γ = 0.1. */
  public StepLR(Optimizer<?> optimizer, int stepSize) {
    this(optimizer, stepSize, 0.1);
  }

  public StepLR(Optimizer<?> optimizer, int stepSize, double gamma) {
    super(optimizer);
    if (stepSize < 1) {
      throw new IllegalArgumentException(
          "StepLR: stepSize: expected a positive integer, got " + stepSize);
    }
    this.stepSize = stepSize;
    this.gamma = gamma;
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    return base * Math.pow(gamma, Math.floorDiv(epoch, stepSize));
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("step_size", stepSize).put("gamma", gamma);
  }
}
