// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import io.sparkgrad.spark.train.ScheduleSettings;
import java.io.Serializable;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** How the learning rate changes while training runs, by PyTorch's formulas. */
public interface ScheduleParams<T> extends StageParams<T> {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> schedule;
    final IntParam warmupSteps;
    final IntParam scheduleStepSize;
    final IntArrayParam scheduleMilestones;
    final DoubleParam scheduleGamma;
    final DoubleParam schedulePower;
    final IntParam schedulePeriodFactor;
    final IntParam schedulePatience;
    final DoubleParam minLearningRate;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      schedule =
          new Param<>(
              owner,
              "schedule",
              "schedule of the learning rate: " + String.join(", ", ScheduleSettings.SCHEDULES),
              ParamValidators.inArray(ScheduleSettings.SCHEDULES));
      warmupSteps =
          new IntParam(
              owner,
              "warmupSteps",
              "steps over which the learning rate rises linearly from 0 before the schedule begins",
              ParamValidators.gtEq(0));
      scheduleStepSize =
          new IntParam(
              owner,
              "scheduleStepSize",
              "epochs between two reductions in step, and the first period of cosineWarmRestarts",
              ParamValidators.gt(0));
      scheduleMilestones =
          new IntArrayParam(
              owner,
              "scheduleMilestones",
              "epochs after which multiStep reduces the learning rate");
      scheduleGamma =
          new DoubleParam(
              owner,
              "scheduleGamma",
              "factor of a reduction in step, multiStep, exponential and reduceOnPlateau",
              ParamValidators.inRange(0, 1, false, true));
      schedulePower =
          new DoubleParam(owner, "schedulePower", "exponent of polynomial", ParamValidators.gt(0));
      schedulePeriodFactor =
          new IntParam(
              owner,
              "schedulePeriodFactor",
              "by how much each period of cosineWarmRestarts is longer than the one before",
              ParamValidators.gt(0));
      schedulePatience =
          new IntParam(
              owner,
              "schedulePatience",
              "epochs without improvement after which reduceOnPlateau reduces the learning rate",
              ParamValidators.gtEq(0));
      minLearningRate =
          new DoubleParam(
              owner,
              "minLearningRate",
              "where cosine, cosineWarmRestarts and reduceOnPlateau end",
              ParamValidators.gtEq(0));
      owner.setDefault(schedule, "none");
      owner.setDefault(warmupSteps, 0);
      owner.setDefault(scheduleStepSize, 10);
      owner.setDefault(scheduleMilestones, new int[0]);
      owner.setDefault(scheduleGamma, 0.1);
      owner.setDefault(schedulePower, 1.0);
      owner.setDefault(schedulePeriodFactor, 1);
      owner.setDefault(schedulePatience, 10);
      owner.setDefault(minLearningRate, 0.0);
    }
  }

  /** The declarations behind the accessors. */
  Declared scheduleParams();

  default Param<String> schedule() {
    return scheduleParams().schedule;
  }

  default String getSchedule() {
    return getOrDefault(schedule());
  }

  default T setSchedule(String value) {
    set(schedule(), value);
    return self();
  }

  default IntParam warmupSteps() {
    return scheduleParams().warmupSteps;
  }

  default int getWarmupSteps() {
    return (Integer) getOrDefault(warmupSteps());
  }

  default T setWarmupSteps(int value) {
    set(warmupSteps(), value);
    return self();
  }

  default IntParam scheduleStepSize() {
    return scheduleParams().scheduleStepSize;
  }

  default int getScheduleStepSize() {
    return (Integer) getOrDefault(scheduleStepSize());
  }

  default T setScheduleStepSize(int value) {
    set(scheduleStepSize(), value);
    return self();
  }

  default IntArrayParam scheduleMilestones() {
    return scheduleParams().scheduleMilestones;
  }

  default int[] getScheduleMilestones() {
    return getOrDefault(scheduleMilestones());
  }

  default T setScheduleMilestones(int... value) {
    set(scheduleMilestones(), value);
    return self();
  }

  default DoubleParam scheduleGamma() {
    return scheduleParams().scheduleGamma;
  }

  default double getScheduleGamma() {
    return (Double) getOrDefault(scheduleGamma());
  }

  default T setScheduleGamma(double value) {
    set(scheduleGamma(), value);
    return self();
  }

  default DoubleParam schedulePower() {
    return scheduleParams().schedulePower;
  }

  default double getSchedulePower() {
    return (Double) getOrDefault(schedulePower());
  }

  default T setSchedulePower(double value) {
    set(schedulePower(), value);
    return self();
  }

  default IntParam schedulePeriodFactor() {
    return scheduleParams().schedulePeriodFactor;
  }

  default int getSchedulePeriodFactor() {
    return (Integer) getOrDefault(schedulePeriodFactor());
  }

  default T setSchedulePeriodFactor(int value) {
    set(schedulePeriodFactor(), value);
    return self();
  }

  default IntParam schedulePatience() {
    return scheduleParams().schedulePatience;
  }

  default int getSchedulePatience() {
    return (Integer) getOrDefault(schedulePatience());
  }

  default T setSchedulePatience(int value) {
    set(schedulePatience(), value);
    return self();
  }

  default DoubleParam minLearningRate() {
    return scheduleParams().minLearningRate;
  }

  default double getMinLearningRate() {
    return (Double) getOrDefault(minLearningRate());
  }

  default T setMinLearningRate(double value) {
    set(minLearningRate(), value);
    return self();
  }
}
