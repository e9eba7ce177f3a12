// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.spark.data.InputException;
import java.util.Locale;

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

  /**
   * Checks on the machine that computes.
   *
   * @throws InputException if a GPU is asked for and none can be used
   */
  public void require() {
    if (this == GPU && Backends.gpu(0).isEmpty()) {
      throw new InputException(
          "device: gpu is asked for, but cannot be used: %s; set device to auto or cpu."
              .formatted(Backends.gpuUnavailableReason()));
    }
  }
}
