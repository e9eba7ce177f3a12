// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import java.util.List;

/**
 * One schedule after the other: each begins, at its own epoch 0 and from the base rate, at its
 * milestone. Only this scheduler is stepped; the others are no more than formulas.
 */
public final class SequentialLR extends LRScheduler {
  private final List<LRScheduler> schedulers;
  private final List<Integer> milestones;

  /**
   * Joins schedules.
   *
   * @param milestones where all but the first begin, rising
   */
  public SequentialLR(
      Optimizer<?> optimizer, List<? extends LRScheduler> schedulers, List<Integer> milestones) {
    super(optimizer);
    Composite.check("SequentialLR", optimizer, schedulers);
    if (milestones.size() != schedulers.size() - 1) {
      throw new IllegalArgumentException(
          "SequentialLR: expected one milestone less than the %d schedulers, got %d"
              .formatted(schedulers.size(), milestones.size()));
    }
    int previous = 0;
    for (int m : milestones) {
      if (m <= previous) {
        throw new IllegalArgumentException(
            "SequentialLR: expected rising milestones above 0, got " + milestones);
      }
      previous = m;
    }
    this.schedulers = List.copyOf(schedulers);
    this.milestones = List.copyOf(milestones);
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    int part = part(epoch);
    return schedulers.get(part).lr(group, base, epoch - begin(part));
  }

  @Override
  void applyMomentum(ParamGroup<?> group, long epoch) {
    int part = part(epoch);
    schedulers.get(part).applyMomentum(group, epoch - begin(part));
  }

  private int part(long epoch) {
    return (int) milestones.stream().filter(m -> m <= epoch).count();
  }

  private long begin(int part) {
    return part == 0 ? 0 : milestones.get(part - 1);
  }

  @Override
  protected void describe(ObjectNode json) {
    milestones.forEach(json.putArray("_milestones")::add);
    Composite.describe(schedulers, json);
  }
}
