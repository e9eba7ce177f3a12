// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.device.DeviceSettings;
import java.io.Serializable;

/**
 * Everything a worker has to know, immutable. It crosses to the executors inside the task's
 * closure, which Java serialization carries; records do not survive Spark's Kryo serializer
 * elsewhere.
 *
 * @param device where the workers compute
 * @param faults what happens when something goes wrong
 */
public record TrainingPlan(
    NetworkSettings network,
    Objective objective,
    OptimizerSettings optimizer,
    ScheduleSettings schedule,
    ValidationSettings validation,
    Passes passes,
    DeviceSettings device,
    FaultSettings faults)
    implements Serializable {

  /**
   * How the rows are gone through.
   *
   * @param batchSize rows that each worker takes at once
   * @param epochs how often all rows are seen, at most
   * @param shuffle whether each worker takes its rows in a new random order each epoch
   * @param seed of the order and of dropout
   */
  public record Passes(int batchSize, int epochs, boolean shuffle, long seed)
      implements Serializable {}
}
