// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;

/** {@code base·factor} before {@code totalIters}, then {@code base}. */
public final class ConstantLR extends LRScheduler {
  private final double factor;
  private final int totalIters;

  /** A third for 5 epochs. */
  public ConstantLR(Optimizer<?> optimizer) {
    this(optimizer, 1.0 / 3, 5);
  }

  public ConstantLR(Optimizer<?> optimizer, double factor, int totalIters) {
    super(optimizer);
    if (!(factor >= 0 && factor <= 1)) {
      throw new IllegalArgumentException(
          "ConstantLR: factor: expected a number from 0 to 1, got " + factor);
    }
    this.factor = factor;
    this.totalIters = totalIters;
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    return epoch < totalIters ? base * factor : base;
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("factor", factor).put("total_iters", totalIters);
  }
}
