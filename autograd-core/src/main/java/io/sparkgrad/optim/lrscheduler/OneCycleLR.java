// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;

/**
 * One cycle over a fixed number of steps: from {@code max/div} up to {@code max}, then down to
 * {@code max/div/finalDiv}, each along half a cosine. The groups' own rates do not count. Momentum
 * stays as it is ({@code cycle_momentum=False}).
 */
public final class OneCycleLR extends LRScheduler {
  /**
   * Settings.
   *
   * @param pctStart the part of the steps in which the rate rises
   */
  public record Options(
      double maxLr, int totalSteps, double pctStart, double divFactor, double finalDivFactor) {
    public Options {
      if (totalSteps < 1) {
        throw new IllegalArgumentException(
            "OneCycleLR: totalSteps: expected a positive integer, got " + totalSteps);
      }
      if (!(pctStart >= 0 && pctStart <= 1)) {
        throw new IllegalArgumentException(
            "OneCycleLR: pctStart: expected a number from 0 to 1, got " + pctStart);
      }
    }

    /** PyTorch's defaults: 0.3, 25 and 10⁴. */
    public static Options of(double maxLr, int totalSteps) {
      return new Options(maxLr, totalSteps, 0.3, 25, 1e4);
    }
  }

  private final Options options;

  public OneCycleLR(Optimizer<?> optimizer, double maxLr, int totalSteps) {
    this(optimizer, Options.of(maxLr, totalSteps));
  }

  public OneCycleLR(Optimizer<?> optimizer, Options options) {
    super(optimizer);
    this.options = options;
    start();
  }

  @Override
  protected double baseLr(ParamGroup<?> group) {
    group.setInitialLr(initialLr());
    return initialLr();
  }

  private double initialLr() {
    return options.maxLr() / options.divFactor();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    if (epoch > options.totalSteps()) {
      throw new IllegalStateException(
          "OneCycleLR: expected at most %d steps, got step %d; raise totalSteps"
              .formatted(options.totalSteps(), epoch));
    }
    double top = options.pctStart() * options.totalSteps() - 1;
    double end = options.totalSteps() - 1;
    double max = options.maxLr();
    if (epoch < top) {
      return CosineAnnealingLR.anneal(initialLr(), max, epoch / top);
    }
    double fraction = end == top ? 0 : (epoch - top) / (end - top);
    return CosineAnnealingLR.anneal(max, initialLr() / options.finalDivFactor(), fraction);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("max_lr", options.maxLr()).put("total_steps", options.totalSteps());
    json.put("pct_start", options.pctStart()).put("div_factor", options.divFactor());
    json.put("final_div_factor", options.finalDivFactor());
  }
}
