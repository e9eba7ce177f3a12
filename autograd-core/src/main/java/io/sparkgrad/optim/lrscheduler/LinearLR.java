// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;

/** {@code base·(start + (end − start)·min(epoch, totalIters)/totalIters)}: a warm-up, as a rule. */
public final class LinearLR extends LRScheduler {
  private final double startFactor;
  private final double endFactor;
  private final int totalIters;

  /** From a third to the whole in 5 epochs. */
  public LinearLR(Optimizer<?> optimizer) {
    this(optimizer, 1.0 / 3, 1, 5);
  }

  public LinearLR(Optimizer<?> optimizer, double startFactor, double endFactor, int totalIters) {
    super(optimizer);
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new IllegalArgumentException(
          "LinearLR: startFactor: expected a number above 0 and up to 1, got " + startFactor);
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new IllegalArgumentException(
          "LinearLR: endFactor: expected a number from 0 to 1, got " + endFactor);
    }
    if (totalIters < 1) {
      throw new IllegalArgumentException(
          "LinearLR: totalIters: expected a positive integer, got " + totalIters);
    }
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    double fraction = (double) Math.min(epoch, totalIters) / totalIters;
    return base * (startFactor + (endFactor - startFactor) * fraction);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("start_factor", startFactor).put("end_factor", endFactor);
    json.put("total_iters", totalIters);
  }
}
