// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.io.Serializable;
import java.util.List;

/**
 * How the learning rates change while training; the formulas are PyTorch's, see {@link
 * io.sparkgrad.optim.lrscheduler}.
 *
 * <p>Once an epoch, as their settings count epochs: {@code step}, {@code multiStep}, {@code
 * exponential}, and {@code reduceOnPlateau} by the validation loss, or without validation rows by
 * the training loss. With each optimiser step: {@code cosine}, {@code polynomial} and {@code
 * oneCycle}, which run over the whole fit, and {@code cosineWarmRestarts}.
 *
 * @param name one of {@link #SCHEDULES}
 * @param warmupSteps optimiser steps in which the rates rise linearly to the schedule's; schedules
 *     that go by steps begin behind them
 * @param stepSize {@code step}: epochs from one factor to the next; {@code cosineWarmRestarts}:
 *     epochs of the first period
 * @param milestones {@code multiStep}: after how many epochs the rates take the next factor
 * @param gamma {@code step}, {@code multiStep}, {@code exponential} and {@code reduceOnPlateau}:
 *     the factor
 * @param minLearningRate {@code cosine}, {@code cosineWarmRestarts} and {@code reduceOnPlateau}:
 *     the lowest rate
 * @param power {@code polynomial}: the exponent
 * @param periodFactor {@code cosineWarmRestarts}: by how much each period is longer than the one
 *     before
 * @param patience {@code reduceOnPlateau}: epochs without a better loss that are put up with
 */
public record ScheduleSettings(
    String name,
    int warmupSteps,
    int stepSize,
    List<Integer> milestones,
    double gamma,
    double minLearningRate,
    double power,
    int periodFactor,
    int patience)
    implements Serializable {

  public static final List<String> SCHEDULES =
      List.of(
          "none",
          "step",
          "multiStep",
          "exponential",
          "cosine",
          "polynomial",
          "oneCycle",
          "reduceOnPlateau",
          "cosineWarmRestarts");

  /** The learning rate stays. */
  public static final ScheduleSettings NONE = of("none");

  public ScheduleSettings {
    Names.check("schedule", name, SCHEDULES);
    milestones = List.copyOf(milestones);
  }

  /** With a step size of 10, a factor of 0.1, linear, down to 0, with 10 epochs of patience. */
  public static ScheduleSettings of(String name) {
    return new ScheduleSettings(name, 0, 10, List.of(), 0.1, 0, 1, 1, 10);
  }
}
