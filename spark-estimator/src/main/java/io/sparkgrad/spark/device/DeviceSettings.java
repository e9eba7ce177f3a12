// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.device;

import io.sparkgrad.backend.MatmulPrecision;
import java.io.Serializable;
import java.util.Locale;

/**
 * Where tasks compute, and how.
 *
 * @param onOutOfMemory what a batch does that the device has no memory for
 * @param precision of matrix products and convolutions on devices with faster units for less
 */
public record DeviceSettings(
    DevicePreference preference, OutOfMemory onOutOfMemory, MatmulPrecision precision)
    implements Serializable {

  /** What is done about a batch that does not fit the device's memory. */
  public enum OutOfMemory {
    /** Say so. */
    FAIL,
    /** Compute it in halves. */
    SPLIT
  }

  /** The Params' defaults. */
  public static final DeviceSettings AUTO =
      new DeviceSettings(DevicePreference.AUTO, OutOfMemory.FAIL, MatmulPrecision.FP32);

  /** From the values of the Params. */
  public static DeviceSettings of(String device, String onOutOfMemory, String precision) {
    return new DeviceSettings(
        DevicePreference.of(device),
        OutOfMemory.valueOf(onOutOfMemory.toUpperCase(Locale.ROOT)),
        MatmulPrecision.parse(precision));
  }
}
