// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;

/**
 * Half a cosine from the base rate to η, again and again: the first over T₀ epochs, each further
 * one over {@code tMult} times as many as the one before.
 */
public final class CosineAnnealingWarmRestarts extends LRScheduler {
  private final int t0;
  private final int tMult;
  private final double etaMin;

  /** Of constant length, down to 0. */
  public CosineAnnealingWarmRestarts(Optimizer<?> optimizer, int t0) {
    this(optimizer, t0, 1, 0);
  }

  public CosineAnnealingWarmRestarts(Optimizer<?> optimizer, int t0, int tMult, double etaMin) {
    super(optimizer);
    if (t0 < 1 || tMult < 1) {
      throw new IllegalArgumentException(
          "CosineAnnealingWarmRestarts: expected t0 and tMult of 1 or more, got %d and %d"
              .formatted(t0, tMult));
    }
    this.t0 = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    if (tMult == 1) {
      return CosineAnnealingLR.anneal(base, etaMin, (double) (epoch % t0) / t0);
    }
    long since = epoch;
    long period = t0;
    while (since >= period) {
      since -= period;
      period *= tMult;
    }
    return CosineAnnealingLR.anneal(base, etaMin, (double) since / period);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("T_0", t0).put("T_mult", tMult).put("eta_min", etaMin);
  }
}
