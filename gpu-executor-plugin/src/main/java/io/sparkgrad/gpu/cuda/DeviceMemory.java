// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.CudaDriver;

/** Device memory, taken and given back in the order of one stream. */
final class DeviceMemory {
  private final CudaDriver driver;
  private final long stream;

  DeviceMemory(CudaDriver driver, long stream) {
    this.driver = driver;
    this.stream = stream;
  }

  /** Memory of at least this size, also for 0 bytes; its contents are undefined. */
  long take(long bytes) {
    return driver.allocate(Math.max(256, bytes));
  }

  void give(long address) {
    driver.free(address);
  }

  void zero(long address, long bytes) {
    driver.fill(address, (byte) 0, bytes, stream);
  }
}
