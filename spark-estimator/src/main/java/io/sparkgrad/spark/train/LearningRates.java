// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import io.sparkgrad.optim.lrscheduler.CosineAnnealingLR;
import io.sparkgrad.optim.lrscheduler.CosineAnnealingWarmRestarts;
import io.sparkgrad.optim.lrscheduler.ExponentialLR;
import io.sparkgrad.optim.lrscheduler.LRScheduler;
import io.sparkgrad.optim.lrscheduler.MultiStepLR;
import io.sparkgrad.optim.lrscheduler.OneCycleLR;
import io.sparkgrad.optim.lrscheduler.PolynomialLR;
import io.sparkgrad.optim.lrscheduler.ReduceLROnPlateau;
import io.sparkgrad.optim.lrscheduler.StepLR;
import io.sparkgrad.spark.data.InputException;
import java.util.List;
import java.util.function.DoubleConsumer;

/**
 * Moves the learning rates of an optimiser as {@link ScheduleSettings} say. In the warm-up of W
 * steps the rate of step s, from 0, is {@code (s + 1)/(W + 1)} of the schedule's.
 */
final class LearningRates {
  private final List<? extends ParamGroup<?>> groups;
  private final int warmupSteps;
  private final Runnable eachStep;
  private final DoubleConsumer eachEpoch;

  /** What each group's rate is multiplied with besides, where the schedule has only one rate. */
  private final double[] factors;

  /** The schedule's own rates, without warm-up and factors. */
  private final double[] rates;

  private long steps;

  /**
   * Sets the rates of the first step.
   *
   * @param optimizer with the rates to start from
   * @param stepsPerEpoch optimiser steps
   */
  LearningRates(ScheduleSettings settings, Optimizer<?> optimizer, int stepsPerEpoch, int epochs) {
    this.groups = optimizer.paramGroups();
    this.warmupSteps = settings.warmupSteps();
    this.factors = new double[groups.size()];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = settings.name().equals("oneCycle") ? groups.get(i).lr() / groups.get(0).lr() : 1;
    }
    int steps = Math.multiplyExact(stepsPerEpoch, epochs) - warmupSteps;
    if (steps < 1) {
      throw new InputException(
          "warmupSteps: expected less than the %d steps of the fit (%d epochs of %d), got %d."
              .formatted(steps + warmupSteps, epochs, stepsPerEpoch, warmupSteps));
    }
    double lowest = settings.minLearningRate();
    Runnable step = () -> {};
    DoubleConsumer epoch = loss -> {};
    switch (settings.name()) {
      case "none" -> {}
      case "step" -> epoch = onEpochs(new StepLR(optimizer, settings.stepSize(), settings.gamma()));
      case "multiStep" ->
          epoch = onEpochs(new MultiStepLR(optimizer, settings.milestones(), settings.gamma()));
      case "exponential" -> epoch = onEpochs(new ExponentialLR(optimizer, settings.gamma()));
      case "cosine" -> step = new CosineAnnealingLR(optimizer, steps, lowest)::step;
      case "polynomial" -> step = new PolynomialLR(optimizer, steps, settings.power())::step;
      case "oneCycle" -> step = oneCycle(optimizer, steps)::step;
      case "reduceOnPlateau" -> epoch = new ReduceLROnPlateau(optimizer, onPlateau(settings))::step;
      case "cosineWarmRestarts" ->
          step =
              new CosineAnnealingWarmRestarts(
                      optimizer,
                      Math.multiplyExact(settings.stepSize(), stepsPerEpoch),
                      settings.periodFactor(),
                      lowest)
                  ::step;
      default -> throw new IllegalArgumentException("schedule: unknown: " + settings.name());
    }
    this.eachStep = step;
    this.eachEpoch = epoch;
    this.rates = groups.stream().mapToDouble(ParamGroup::lr).toArray();
    apply();
  }

  private static DoubleConsumer onEpochs(LRScheduler scheduler) {
    return loss -> scheduler.step();
  }

  private OneCycleLR oneCycle(Optimizer<?> optimizer, int steps) {
    boolean momentum = groups.get(0).options().hasMomentum();
    return new OneCycleLR(
        optimizer, OneCycleLR.Options.of(groups.get(0).lr(), steps).withCycleMomentum(momentum));
  }

  private static ReduceLROnPlateau.Options onPlateau(ScheduleSettings settings) {
    return ReduceLROnPlateau.Options.DEFAULT
        .withFactor(settings.gamma())
        .withPatience(settings.patience())
        .withMinLr(settings.minLearningRate());
  }

  /** The rate of the next step, of the first parameter group. */
  double first() {
    return groups.get(0).lr();
  }

  /** To be called after each step of the optimiser. */
  void afterStep() {
    steps++;
    move(steps > warmupSteps ? eachStep : () -> {});
  }

  /**
   * To be called after the last step of each epoch.
   *
   * @param loss that {@code reduceOnPlateau} watches
   */
  void afterEpoch(double loss) {
    move(() -> eachEpoch.accept(loss));
  }

  private void move(Runnable schedule) {
    for (int i = 0; i < rates.length; i++) {
      groups.get(i).setLr(rates[i]);
    }
    schedule.run();
    for (int i = 0; i < rates.length; i++) {
      rates[i] = groups.get(i).lr();
    }
    apply();
  }

  private void apply() {
    double warmup = Math.min(1, (steps + 1.0) / (warmupSteps + 1.0));
    for (int i = 0; i < rates.length; i++) {
      groups.get(i).setLr(rates[i] * factors[i] * warmup);
    }
  }
}
