// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.io.Serializable;
import java.util.List;

/**
 * Everything a worker has to know, immutable. It crosses to the executors inside the task's
 * closure, which Java serialization carries; records do not survive Spark's Kryo serializer
 * elsewhere.
 *
 * @param architecture the network as JSON
 * @param frozenLayers patterns of what is not trained
 * @param inputShape of one row
 * @param batchSize rows per worker and step
 * @param timeoutMillis how long a worker waits for another
 */
public record TrainingPlan(
    String architecture,
    List<String> frozenLayers,
    List<Long> inputShape,
    OptimizerSettings optimizer,
    int batchSize,
    int epochs,
    boolean shuffle,
    long seed,
    long timeoutMillis)
    implements Serializable {

  /** Which optimiser, and how it is set. */
  public record OptimizerSettings(
      String name, double learningRate, double momentum, double weightDecay)
      implements Serializable {}

  /** How many numbers one row's features are. */
  public int rowLength() {
    return Math.toIntExact(inputShape.stream().reduce(1L, (a, b) -> a * b));
  }
}
