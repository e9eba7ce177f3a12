// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import io.sparkgrad.optim.lrscheduler.CosineAnnealingLR;
import io.sparkgrad.optim.lrscheduler.CosineAnnealingWarmRestarts;
import io.sparkgrad.optim.lrscheduler.ExponentialLR;
import io.sparkgrad.optim.lrscheduler.MultiStepLR;
import io.sparkgrad.optim.lrscheduler.OneCycleLR;
import io.sparkgrad.optim.lrscheduler.PolynomialLR;
import io.sparkgrad.optim.lrscheduler.ReduceLROnPlateau;
import io.sparkgrad.optim.lrscheduler.StepLR;
import io.sparkgrad.spark.data.InputException;
import java.util.Arrays;
import java.util.List;

/**
 * Moves the learning rates of an optimiser as {@link ScheduleSettings} say. In the warm-up of W
 * steps the rate of step s, from 0, is {@code (s + 1)/(W + 1)} of the schedule's.
 */
final class LearningRates {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STEPS = "steps";
  private static final String RATES = "rates";
  private static final String SCHEDULE = "schedule";

  private final List<? extends ParamGroup<?>> groups;
  private final int warmupSteps;
  private final RateSchedule schedule;

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
    this.schedule = schedule(settings, optimizer, steps, stepsPerEpoch);
    this.rates = groups.stream().mapToDouble(ParamGroup::lr).toArray();
    apply();
  }

  private RateSchedule schedule(
      ScheduleSettings settings, Optimizer<?> optimizer, int steps, int stepsPerEpoch) {
    double gamma = settings.gamma();
    double lowest = settings.minLearningRate();
    return switch (settings.name()) {
      case "none" -> RateSchedule.NONE;
      case "step" -> RateSchedule.ofEpochs(new StepLR(optimizer, settings.stepSize(), gamma));
      case "multiStep" ->
          RateSchedule.ofEpochs(new MultiStepLR(optimizer, settings.milestones(), gamma));
      case "exponential" -> RateSchedule.ofEpochs(new ExponentialLR(optimizer, gamma));
      case "cosine" -> RateSchedule.ofSteps(new CosineAnnealingLR(optimizer, steps, lowest));
      case "polynomial" ->
          RateSchedule.ofSteps(new PolynomialLR(optimizer, steps, settings.power()));
      case "oneCycle" -> RateSchedule.ofSteps(oneCycle(optimizer, steps));
      case "reduceOnPlateau" ->
          RateSchedule.of(new ReduceLROnPlateau(optimizer, onPlateau(settings)));
      case "cosineWarmRestarts" ->
          RateSchedule.ofSteps(
              new CosineAnnealingWarmRestarts(
                  optimizer,
                  Math.multiplyExact(settings.stepSize(), stepsPerEpoch),
                  settings.periodFactor(),
                  lowest));
      default -> throw new IllegalArgumentException("schedule: unknown: " + settings.name());
    };
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
    move(steps > warmupSteps ? schedule.eachStep() : () -> {});
  }

  /**
   * To be called after the last step of each epoch.
   *
   * @param loss that {@code reduceOnPlateau} watches
   */
  void afterEpoch(double loss) {
    move(() -> schedule.eachEpoch().accept(loss));
  }

  /** Where the rates stand, as JSON, for {@link #loadStateJson}. */
  String stateJson() {
    ObjectNode json = JSON.createObjectNode().put(STEPS, steps);
    Arrays.stream(rates).forEach(json.putArray(RATES)::add);
    return json.set(SCHEDULE, schedule.state().get()).toString();
  }

  /**
   * Goes on from where {@link #stateJson()} was taken of rates with the same settings.
   *
   * @throws IllegalArgumentException if it is of others
   */
  void loadStateJson(String text) {
    JsonNode json = tree(text);
    JsonNode saved = json.path(RATES);
    if (saved.size() != rates.length || !(json.path(SCHEDULE) instanceof ObjectNode state)) {
      throw new IllegalArgumentException(
          "schedule: expected the rates of %d groups of parameters, got %s"
              .formatted(rates.length, text));
    }
    schedule.resume().accept(state);
    steps = json.path(STEPS).asLong();
    for (int i = 0; i < rates.length; i++) {
      rates[i] = saved.get(i).asDouble();
    }
    apply();
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("schedule: not JSON: " + text, e);
    }
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
