// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.gpu.cuda.GpuDevice;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.DeviceProperties;
import java.io.Serializable;

/**
 * What an executor tells the driver of a GPU that it has opened.
 *
 * @param host where the executor is
 * @param address how Spark names the GPU there
 * @param uuid what no other GPU has
 * @param computeCapability 10·major + minor
 * @param driverVersion as 1000·major + 10·minor
 * @param limitBytes what the executor may hold for tensors
 */
record GpuReport(
    String executor,
    String host,
    String address,
    String name,
    String uuid,
    int computeCapability,
    int driverVersion,
    long freeBytes,
    long totalBytes,
    long limitBytes)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long MIB = 1 << 20;

  static GpuReport of(String executor, String host, GpuAddress address, GpuDevice device) {
    DeviceProperties properties = device.properties();
    CudaDriver.MemoryInfo memory = device.memoryInfo();
    return new GpuReport(
        executor,
        host,
        address.text(),
        properties.name(),
        properties.uuid(),
        properties.computeCapability(),
        properties.driverVersion(),
        memory.free(),
        memory.total(),
        device.memoryLimit());
  }

  /**
   * By its name, which has its size: {@code cuDeviceGetUuid} gives all slices of one GPU the UUID
   * of the GPU, and JCuda has no {@code cuDeviceGetUuid_v2}, which tells them apart.
   */
  boolean isSlice() {
    return name.contains(" MIG ");
  }

  /** For the log, in one line. */
  @Override
  public String toString() {
    return "executor %s on %s has GPU '%s': %s (%s), compute capability %d.%d, %d of %d MiB free, may hold %d MiB, driver for CUDA %d.%d"
        .formatted(
            executor,
            host,
            address,
            name,
            uuid,
            computeCapability / 10,
            computeCapability % 10,
            freeBytes / MIB,
            totalBytes / MIB,
            limitBytes / MIB,
            driverVersion / 1000,
            driverVersion % 1000 / 10);
  }
}
