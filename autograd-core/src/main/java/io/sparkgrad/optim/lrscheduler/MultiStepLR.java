// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import java.util.List;

/** {@code base·γⁿ}, n the number of milestones up to the epoch. */
public final class MultiStepLR extends LRScheduler {
  private final List<Integer> milestones;
  private final double gamma;

  /** With γ = 0.1. */
  public MultiStepLR(Optimizer<?> optimizer, List<Integer> milestones) {
    this(optimizer, milestones, 0.1);
  }

  public MultiStepLR(Optimizer<?> optimizer, List<Integer> milestones, double gamma) {
    super(optimizer);
    this.milestones = milestones.stream().sorted().toList();
    this.gamma = gamma;
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    return base * Math.pow(gamma, milestones.stream().filter(m -> m <= epoch).count());
  }

  @Override
  protected void describe(ObjectNode json) {
    milestones.forEach(json.put("gamma", gamma).putArray("milestones")::add);
  }
}
