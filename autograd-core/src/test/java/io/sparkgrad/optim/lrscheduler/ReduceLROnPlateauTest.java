// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.optim.lrscheduler.ReduceLROnPlateau.Mode;
import io.sparkgrad.optim.lrscheduler.ReduceLROnPlateau.Options;
import io.sparkgrad.optim.lrscheduler.ReduceLROnPlateau.ThresholdMode;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rates after each metric, from 0.5 on; numbers from PyTorch 2.13. */
class ReduceLROnPlateauTest {
  private static final Options IMPATIENT = Options.DEFAULT.withPatience(0);

  private final SGD sgd = new SGD(List.of(v(0).requiresGrad_()), SGD.Options.DEFAULT.withLr(.5));

  private static double[] metrics(double... values) {
    return values;
  }

  private void rates(Options options, double[] metrics, double... expected) {
    sgd.paramGroups().get(0).setLr(.5);
    ReduceLROnPlateau scheduler = new ReduceLROnPlateau(sgd, options);
    for (int i = 0; i < metrics.length; i++) {
      scheduler.step(metrics[i]);
      assertEquals(expected[i], sgd.paramGroups().get(0).lr(), 1e-12, "epoch " + i);
    }
  }

  @Test
  @DisplayName("SCH-5: after more than patience bad epochs; PyTorch's defaults")
  void patience() {
    rates(
        Options.DEFAULT.withPatience(1),
        metrics(1, 1, 1, 1, .5, .5, .5, .5),
        .5,
        .5,
        .05,
        .05,
        .05,
        .05,
        .005,
        .005);
    assertEquals(
        new Options(Mode.MIN, .1, 10, 1e-4, ThresholdMode.REL, 0, 0, 1e-8), Options.DEFAULT);
    rates(IMPATIENT, metrics(Double.NaN, 1, Double.NaN), .05, .05, .005);
  }

  @Test
  @DisplayName("SCH-5: better by the threshold, relative or absolute, for minima and maxima")
  void threshold() {
    rates(
        IMPATIENT.withThreshold(.1, ThresholdMode.REL),
        metrics(1, .99, .98, .97, .5, .5),
        .5,
        .05,
        .005,
        .0005,
        .0005,
        .00005);
    rates(
        IMPATIENT.withThreshold(.1, ThresholdMode.ABS),
        metrics(1, .95, .89, .88, .5),
        .5,
        .05,
        .05,
        .005,
        .005);
    for (ThresholdMode mode : ThresholdMode.values()) {
      rates(
          IMPATIENT.withMode(Mode.MAX).withThreshold(.1, mode),
          metrics(1, 1.05, 1.2, 1.25, 2),
          .5,
          .05,
          .05,
          .005,
          .005);
    }
    // Where the two differ: 10 needs 11 or 10.1.
    Options max = IMPATIENT.withMode(Mode.MAX);
    rates(max.withThreshold(.1, ThresholdMode.REL), metrics(10, 10.5), .5, .05);
    rates(max.withThreshold(.1, ThresholdMode.ABS), metrics(10, 10.5), .5, .5);
  }

  @Test
  @DisplayName("SCH-5: bad epochs in the cooldown do not count")
  void cooldown() {
    rates(
        IMPATIENT.withCooldown(2),
        metrics(1, 1, 1, 1, 1, 1, 1, 1),
        .5,
        .05,
        .05,
        .05,
        .005,
        .005,
        .005,
        .0005);
  }

  @Test
  @DisplayName("SCH-5: not below the minimum, and not by less than eps")
  void bounds() {
    rates(IMPATIENT.withMinLr(.01), metrics(1, 1, 1, 1, 1), .5, .05, .01, .01, .01);
    rates(IMPATIENT.withFactor(.9).withEps(.1), metrics(1, 1, 1), .5, .5, .5);
    rejects(
        IllegalArgumentException.class,
        "ReduceLROnPlateau: factor: expected a number below 1, got 1.0",
        () -> IMPATIENT.withFactor(1));
  }

  @Test
  @DisplayName("SCH-8, SER-5: from its state dict it continues as if nothing had happened")
  void stateDict() {
    Options options = Options.DEFAULT.withPatience(1).withCooldown(2);
    ReduceLROnPlateau scheduler = new ReduceLROnPlateau(sgd, options);
    assertEquals(false, scheduler.stateDict().has("best"));
    scheduler.step(1);
    scheduler.step(1);
    ObjectNode saved = scheduler.stateDict();
    assertEquals(
        "{\"mode\":\"min\",\"factor\":0.1,\"patience\":1,\"threshold\":1.0E-4,\"threshold_mode\":\"rel\",\"cooldown\":2,\"eps\":1.0E-8,\"default_min_lr\":0.0,\"best\":1.0,\"num_bad_epochs\":1,\"cooldown_counter\":0,\"last_epoch\":2}",
        saved.toString());
    ReduceLROnPlateau resumed = new ReduceLROnPlateau(sgd, options);
    resumed.loadStateDict(saved);
    resumed.step(1); // the second bad one
    assertEquals(.05, sgd.paramGroups().get(0).lr(), 1e-12);
    assertEquals(2, resumed.stateDict().path("cooldown_counter").asInt());
    ReduceLROnPlateau fresh = new ReduceLROnPlateau(sgd, options);
    fresh.loadStateDict(new ReduceLROnPlateau(sgd, options).stateDict());
    fresh.step(1e9); // better than nothing
    assertEquals(1e9, fresh.stateDict().path("best").asDouble());
    rejects(
        IllegalArgumentException.class,
        "loadStateDict: mode: expected \"max\", got \"min\"; make the scheduler with the settings of the state",
        () -> new ReduceLROnPlateau(sgd, options.withMode(Mode.MAX)).loadStateDict(saved));
    rejects(
        IllegalArgumentException.class,
        "loadStateDict: num_bad_epochs: expected an integer of 0 or more, got -1",
        () -> resumed.loadStateDict(saved.deepCopy().put("num_bad_epochs", -1)));
  }
}
