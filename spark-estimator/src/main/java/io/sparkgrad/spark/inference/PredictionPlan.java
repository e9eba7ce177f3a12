// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.spark.data.InputSpec;
import io.sparkgrad.spark.device.DeviceSettings;
import java.util.List;

/**
 * How rows become predictions.
 *
 * @param inputs of the network, in its order
 * @param batchSize how many rows go through the network at once; a task holds as many, twice where
 *     a GPU computes
 * @param device where the tasks compute
 */
public record PredictionPlan(
    NetworkBroadcast network,
    List<InputSpec> inputs,
    int batchSize,
    Outputs outputs,
    DeviceSettings device) {
  public PredictionPlan {
    inputs = List.copyOf(inputs);
  }
}
