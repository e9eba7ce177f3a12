// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.device.DevicePreference;
import java.util.OptionalInt;

/**
 * What the Params ask for each worker.
 *
 * @param device where it computes
 * @param gpus above 0, at most 1; without effect on the CPU
 * @param cpus empty: as many as other tasks of the application
 */
public record WorkerResources(DevicePreference device, double gpus, OptionalInt cpus) {}
