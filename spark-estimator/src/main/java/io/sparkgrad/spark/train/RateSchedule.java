// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.lrscheduler.LRScheduler;
import io.sparkgrad.optim.lrscheduler.ReduceLROnPlateau;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;

/**
 * A scheduler of any kind.
 *
 * @param eachStep moves the rates after a step of the optimiser
 * @param eachEpoch moves them after an epoch, whose loss it takes
 * @param state where it stands
 * @param resume goes on from such a state
 */
record RateSchedule(
    Runnable eachStep,
    DoubleConsumer eachEpoch,
    Supplier<ObjectNode> state,
    Consumer<ObjectNode> resume) {

  /** Rates that stay. */
  static final RateSchedule NONE =
      new RateSchedule(
          () -> {}, loss -> {}, () -> JsonNodeFactory.instance.objectNode(), state -> {});

  static RateSchedule ofSteps(LRScheduler scheduler) {
    return new RateSchedule(
        scheduler::step, loss -> {}, scheduler::stateDict, scheduler::loadStateDict);
  }

  static RateSchedule ofEpochs(LRScheduler scheduler) {
    return new RateSchedule(
        () -> {}, loss -> scheduler.step(), scheduler::stateDict, scheduler::loadStateDict);
  }

  static RateSchedule of(ReduceLROnPlateau scheduler) {
    return new RateSchedule(
        () -> {}, scheduler::step, scheduler::stateDict, scheduler::loadStateDict);
  }
}
