// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import java.util.Locale;

/**
 * Lowers the rates of all groups by a factor when a metric has not become better for more than
 * {@code patience} epochs. After that bad epochs do not count for {@code cooldown} epochs. A metric
 * that is NaN is not better.
 */
public final class ReduceLROnPlateau {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Which metrics are better: lower ones or higher ones. */
  public enum Mode {
    MIN,
    MAX
  }

  /** What the threshold is measured against: the best metric, or nothing. */
  public enum ThresholdMode {
    REL,
    ABS
  }

  /**
   * Settings.
   *
   * @param threshold by how much a metric has to be better to count
   * @param eps rates that would change by no more than this stay
   */
  public record Options(
      Mode mode,
      double factor,
      int patience,
      double threshold,
      ThresholdMode thresholdMode,
      int cooldown,
      double minLr,
      double eps) {
    public static final Options DEFAULT =
        new Options(Mode.MIN, 0.1, 10, 1e-4, ThresholdMode.REL, 0, 0, 1e-8);

    public Options {
      if (!(factor < 1)) {
        throw new IllegalArgumentException(
            "ReduceLROnPlateau: factor: expected a number below 1, got " + factor);
      }
    }

    public Options withMode(Mode value) {
      return new Options(value, factor, patience, threshold, thresholdMode, cooldown, minLr, eps);
    }

    public Options withFactor(double value) {
      return new Options(mode, value, patience, threshold, thresholdMode, cooldown, minLr, eps);
    }

    public Options withPatience(int value) {
      return new Options(mode, factor, value, threshold, thresholdMode, cooldown, minLr, eps);
    }

    public Options withThreshold(double value, ThresholdMode kind) {
      return new Options(mode, factor, patience, value, kind, cooldown, minLr, eps);
    }

    public Options withCooldown(int value) {
      return new Options(mode, factor, patience, threshold, thresholdMode, value, minLr, eps);
    }

    public Options withMinLr(double value) {
      return new Options(mode, factor, patience, threshold, thresholdMode, cooldown, value, eps);
    }

    public Options withEps(double value) {
      return new Options(mode, factor, patience, threshold, thresholdMode, cooldown, minLr, value);
    }

    private void describe(ObjectNode json) {
      json.put("mode", name(mode)).put("factor", factor).put("patience", patience);
      json.put("threshold", threshold).put("threshold_mode", name(thresholdMode));
      json.put("cooldown", cooldown).put("eps", eps).put("default_min_lr", minLr);
    }

    private static String name(Enum<?> value) {
      return value.name().toLowerCase(Locale.ROOT);
    }
  }

  private final Optimizer<?> optimizer;
  private final Options options;
  private double best;
  private int badEpochs;
  private int cooldownCounter;
  private long lastEpoch;

  public ReduceLROnPlateau(Optimizer<?> optimizer, Options options) {
    this.optimizer = optimizer;
    this.options = options;
    this.best = worst();
  }

  private double worst() {
    return options.mode() == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** Tells of an epoch's metric. */
  public void step(double metric) {
    lastEpoch++;
    if (isBetter(metric)) {
      best = metric;
      badEpochs = 0;
    } else {
      badEpochs++;
    }
    if (cooldownCounter > 0) {
      cooldownCounter--;
      badEpochs = 0;
    }
    if (badEpochs > options.patience()) {
      optimizer.paramGroups().forEach(this::reduce);
      cooldownCounter = options.cooldown();
      badEpochs = 0;
    }
  }

  private boolean isBetter(double metric) {
    int sign = options.mode() == Mode.MIN ? -1 : 1;
    double needed =
        options.thresholdMode() == ThresholdMode.REL
            ? best * (1 + sign * options.threshold())
            : best + sign * options.threshold();
    return sign * metric > sign * needed;
  }

  private void reduce(ParamGroup<?> group) {
    double before = group.lr();
    double after = Math.max(before * options.factor(), options.minLr());
    if (before - after > options.eps()) {
      group.setLr(after);
    }
  }

  /** Settings and progress under PyTorch's names; {@code best} is missing before the first. */
  public ObjectNode stateDict() {
    ObjectNode json = JSON.createObjectNode();
    options.describe(json);
    if (Double.isFinite(best)) { // JSON has no infinity
      json.put("best", best);
    }
    json.put("num_bad_epochs", badEpochs).put("cooldown_counter", cooldownCounter);
    return json.put("last_epoch", lastEpoch);
  }

  /**
   * Continues where {@code saved} was taken; the rates are the optimiser's state.
   *
   * @throws IllegalArgumentException if it is of a scheduler with other settings
   */
  public void loadStateDict(ObjectNode saved) {
    ObjectNode own = JSON.createObjectNode();
    options.describe(own);
    SavedSettings.check(own, saved);
    long bad = integer(saved, "num_bad_epochs");
    long cooling = integer(saved, "cooldown_counter");
    lastEpoch = integer(saved, "last_epoch");
    badEpochs = Math.toIntExact(bad);
    cooldownCounter = Math.toIntExact(cooling);
    best = saved.path("best").asDouble(worst());
  }

  private static long integer(ObjectNode saved, String name) {
    JsonNode value = saved.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < 0) {
      throw new IllegalArgumentException(
          "loadStateDict: %s: expected an integer of 0 or more, got %s".formatted(name, value));
    }
    return value.asInt();
  }
}
