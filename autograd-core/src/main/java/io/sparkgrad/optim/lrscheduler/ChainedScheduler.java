// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import java.util.List;

/**
 * Schedules that multiply: each starts from the rate that the one before it gives in the epoch.
 * Only this scheduler is stepped; the others are no more than formulas.
 */
public final class ChainedScheduler extends LRScheduler {
  private final List<LRScheduler> schedulers;

  public ChainedScheduler(Optimizer<?> optimizer, List<? extends LRScheduler> schedulers) {
    super(optimizer);
    Composite.check("ChainedScheduler", optimizer, schedulers);
    this.schedulers = List.copyOf(schedulers);
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    double rate = base;
    for (LRScheduler s : schedulers) {
      rate = s.lr(group, rate, epoch);
    }
    return rate;
  }

  @Override
  void applyMomentum(ParamGroup<?> group, long epoch) {
    schedulers.forEach(s -> s.applyMomentum(group, epoch));
  }

  @Override
  protected void describe(ObjectNode json) {
    Composite.describe(schedulers, json);
  }
}
