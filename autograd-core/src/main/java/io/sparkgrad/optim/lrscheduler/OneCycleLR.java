// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.OptimizerOptions;
import io.sparkgrad.optim.ParamGroup;
import java.util.Locale;

/**
 * One cycle over a fixed number of steps: from {@code max/div} up to {@code max}, then down to
 * {@code max/div/finalDiv}, or in three phases down as it went up and then on. The momentum, which
 * for Adam is β₁, goes the other way: from its maximum down to its base, and back. The groups' own
 * rates and momenta do not count.
 */
public final class OneCycleLR extends LRScheduler {
  /** The way from one rate to the next. */
  public enum Anneal {
    /** Along half a cosine. */
    COS,
    LINEAR;

    private double between(double start, double end, double fraction) {
      // The step() after the last optimizer.step() would take a straight line below 0.
      return this == COS
          ? CosineAnnealingLR.anneal(start, end, fraction)
          : start + (end - start) * Math.min(1, fraction);
    }
  }

  /**
   * Settings.
   *
   * @param pctStart the part of the steps in which the rate rises
   * @param cycleMomentum whether the momentum moves too; the optimizer must have one
   * @param baseMomentum the momentum at the highest rate
   * @param maxMomentum the momentum at the start and at the end
   * @param threePhase whether the fall to {@code max/div} mirrors the rise, before the last fall
   */
  public record Options(
      double maxLr,
      int totalSteps,
      double pctStart,
      Anneal anneal,
      boolean cycleMomentum,
      double baseMomentum,
      double maxMomentum,
      double divFactor,
      double finalDivFactor,
      boolean threePhase) {
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

    /** PyTorch's defaults: 0.3, cosine, momentum from 0.95 to 0.85, 25 and 10⁴, two phases. */
    public static Options of(double maxLr, int totalSteps) {
      return new Options(maxLr, totalSteps, 0.3, Anneal.COS, true, 0.85, 0.95, 25, 1e4, false);
    }

    public Options withPctStart(double value) {
      return new Options(
          maxLr,
          totalSteps,
          value,
          anneal,
          cycleMomentum,
          baseMomentum,
          maxMomentum,
          divFactor,
          finalDivFactor,
          threePhase);
    }

    public Options withAnneal(Anneal value) {
      return new Options(
          maxLr,
          totalSteps,
          pctStart,
          value,
          cycleMomentum,
          baseMomentum,
          maxMomentum,
          divFactor,
          finalDivFactor,
          threePhase);
    }

    public Options withCycleMomentum(boolean value) {
      return new Options(
          maxLr,
          totalSteps,
          pctStart,
          anneal,
          value,
          baseMomentum,
          maxMomentum,
          divFactor,
          finalDivFactor,
          threePhase);
    }

    public Options withMomentum(double base, double max) {
      return new Options(
          maxLr,
          totalSteps,
          pctStart,
          anneal,
          true,
          base,
          max,
          divFactor,
          finalDivFactor,
          threePhase);
    }

    public Options withDivFactors(double first, double last) {
      return new Options(
          maxLr,
          totalSteps,
          pctStart,
          anneal,
          cycleMomentum,
          baseMomentum,
          maxMomentum,
          first,
          last,
          threePhase);
    }

    public Options withThreePhase(boolean value) {
      return new Options(
          maxLr,
          totalSteps,
          pctStart,
          anneal,
          cycleMomentum,
          baseMomentum,
          maxMomentum,
          divFactor,
          finalDivFactor,
          value);
    }
  }

  private final Options options;

  public OneCycleLR(Optimizer<?> optimizer, double maxLr, int totalSteps) {
    this(optimizer, Options.of(maxLr, totalSteps));
  }

  public OneCycleLR(Optimizer<?> optimizer, Options options) {
    super(optimizer);
    this.options = options;
    for (ParamGroup<?> group : optimizer.paramGroups()) {
      if (options.cycleMomentum() && !group.options().hasMomentum()) {
        throw new IllegalArgumentException(
            "OneCycleLR: optimizer must support momentum or beta1 with cycleMomentum, got %s; pass withCycleMomentum(false)"
                .formatted(optimizer.getClass().getSimpleName()));
      }
    }
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
    double first = initialLr();
    return along(epoch, first, options.maxLr(), first, first / options.finalDivFactor());
  }

  @Override
  void applyMomentum(ParamGroup<?> group, long epoch) {
    if (options.cycleMomentum()) {
      double max = options.maxMomentum();
      setMomentum(group, along(epoch, max, options.baseMomentum(), max, max));
    }
  }

  private static <O extends OptimizerOptions<O>> void setMomentum(
      ParamGroup<O> group, double value) {
    group.setOptions(group.options().withMomentum(value));
  }

  /** From start to top, with three phases to middle, and to end with the last step. */
  private double along(long epoch, double start, double top, double middle, double end) {
    double peak = options.pctStart() * options.totalSteps() - 1;
    double last = options.totalSteps() - 1;
    if (epoch < peak) {
      return options.anneal().between(start, top, epoch / peak);
    }
    if (!options.threePhase()) {
      return options.anneal().between(top, end, fraction(epoch, peak, last));
    }
    double turn = 2 * options.pctStart() * options.totalSteps() - 2;
    return epoch <= turn
        ? options.anneal().between(top, middle, fraction(epoch, peak, turn))
        : options.anneal().between(middle, end, fraction(epoch, turn, last));
  }

  private static double fraction(long epoch, double from, double to) {
    return from == to ? 0 : (epoch - from) / (to - from);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("max_lr", options.maxLr()).put("total_steps", options.totalSteps());
    json.put("pct_start", options.pctStart()).put("div_factor", options.divFactor());
    json.put("final_div_factor", options.finalDivFactor());
    json.put("anneal_strategy", options.anneal().name().toLowerCase(Locale.ROOT));
    json.put("cycle_momentum", options.cycleMomentum());
    json.put("base_momentum", options.baseMomentum()).put("max_momentum", options.maxMomentum());
    json.put("three_phase", options.threePhase());
  }
}
