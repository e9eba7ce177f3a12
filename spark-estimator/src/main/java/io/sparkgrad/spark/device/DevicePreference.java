// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.device;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.spark.data.InputException;
import java.util.Locale;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;

/** Where a task computes, as the Param {@code device} asks. */
public enum DevicePreference {
  CPU,
  GPU,
  /** The GPU where there is one, else the CPU. */
  AUTO;

  /** From the value of the Param. */
  public static DevicePreference of(String param) {
    return valueOf(param.toUpperCase(Locale.ROOT));
  }

  /** What this asks for, as far as the task has it; says why it is the CPU instead. */
  public TaskDevice choose(@Nullable TaskContext task) {
    return this == CPU ? TaskDevice.cpu("device is cpu") : TaskDevice.preferringGpu(task);
  }

  /**
   * The device of a task that computes on its own.
   *
   * @param task null outside of tasks
   * @throws InputException if a GPU is asked for and none can be used
   */
  public Backend require(@Nullable TaskContext task) {
    TaskDevice device = choose(task);
    if (this == GPU && device.withoutGpu().isPresent()) {
      throw new InputException(
          "device: gpu is asked for, but cannot be used: %s; set device to auto or cpu."
              .formatted(device.withoutGpu().get()));
    }
    return device.backend();
  }
}
