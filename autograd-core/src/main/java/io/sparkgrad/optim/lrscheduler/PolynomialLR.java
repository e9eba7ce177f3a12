// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;

/** {@code base·(1 − min(epoch, totalIters)/totalIters)^power}. */
public final class PolynomialLR extends LRScheduler {
  private final int totalIters;
  private final double power;

  /** Linearly to 0 in 5 epochs. */
  public PolynomialLR(Optimizer<?> optimizer) {
    this(optimizer, 5, 1);
  }

  public PolynomialLR(Optimizer<?> optimizer, int totalIters, double power) {
    super(optimizer);
    if (totalIters < 1) {
      throw new IllegalArgumentException(
          "PolynomialLR: totalIters: expected a positive integer, got " + totalIters);
    }
    this.totalIters = totalIters;
    this.power = power;
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    double fraction = (double) Math.min(epoch, totalIters) / totalIters;
    return base * Math.pow(1 - fraction, power);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("total_iters", totalIters).put("power", power);
  }
}
