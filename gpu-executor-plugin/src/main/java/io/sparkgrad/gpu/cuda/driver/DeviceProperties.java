// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.util.HexFormat;

/**
 * Which device it is, and what kernels are chosen by.
 *
 * @param name as the driver prints it
 * @param computeCapability 10·major + minor: 75 for 7.5
 * @param multiprocessors how many blocks run side by side, at least
 * @param sharedBytesPerBlock the most that one block may ask for
 * @param uuid as {@link #uuid(byte[])} writes it
 * @param driverVersion the CUDA version of the driver as 1000·major + 10·minor
 */
public record DeviceProperties(
    String name,
    int computeCapability,
    int multiprocessors,
    int sharedBytesPerBlock,
    String uuid,
    int driverVersion) {

  /** As nvidia-smi and schedulers write it: {@code GPU-} and 32 hexadecimal digits. */
  public static String uuid(byte[] bytes) {
    String digits = HexFormat.of().formatHex(bytes);
    return "GPU-%s-%s-%s-%s-%s"
        .formatted(
            digits.substring(0, 8),
            digits.substring(8, 12),
            digits.substring(12, 16),
            digits.substring(16, 20),
            digits.substring(20));
  }
}
