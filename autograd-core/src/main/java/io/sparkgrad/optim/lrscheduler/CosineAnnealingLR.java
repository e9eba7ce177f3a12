// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;

/** {@code η + (base − η)·(1 + cos(π·epoch/T))/2}; past T it rises again, with the period 2T. */
public final class CosineAnnealingLR extends LRScheduler {
  private final int tMax;
  private final double etaMin;

  /** Down to 0. */
  public CosineAnnealingLR(Optimizer<?> optimizer, int tMax) {
    this(optimizer, tMax, 0);
  }

  public CosineAnnealingLR(Optimizer<?> optimizer, int tMax, double etaMin) {
    super(optimizer);
    if (tMax < 1) {
      throw new IllegalArgumentException(
          "CosineAnnealingLR: tMax: expected a positive integer, got " + tMax);
    }
    this.tMax = tMax;
    this.etaMin = etaMin;
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    return anneal(base, etaMin, (double) epoch / tMax);
  }

  /** From {@code start} at 0 to {@code end} at 1, along half a cosine. */
  static double anneal(double start, double end, double fraction) {
    return end + (start - end) * (1 + Math.cos(Math.PI * fraction)) / 2;
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("T_max", tMax).put("eta_min", etaMin);
  }
}
