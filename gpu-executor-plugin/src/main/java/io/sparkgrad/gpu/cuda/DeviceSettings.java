// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

/**
 * How one process uses a GPU.
 *
 * @param graphs whether kernels that come again in the same order start as CUDA graphs
 * @param cublas whether cuBLAS makes large matrix products where it is installed
 * @param memoryFraction the share of a device's memory, but for the reserve, that the process may
 *     hold for tensors: above 0, at most 1
 * @param memoryReserve bytes that are left to the driver: for code, graphs, and copies under way
 * @param memoryMinFree bytes that must be free for a device to be opened
 * @param debugLeaks whether it is remembered where memory was asked for, which costs time
 */
public record DeviceSettings(
    boolean graphs,
    boolean cublas,
    double memoryFraction,
    long memoryReserve,
    long memoryMinFree,
    boolean debugLeaks) {
  private static final long MIB = 1 << 20;

  public static final DeviceSettings DEFAULT =
      new DeviceSettings(true, true, 1, 256 * MIB, 512 * MIB, false);

  DeviceSettings withGraphs(boolean graphs) {
    return new DeviceSettings(
        graphs, cublas, memoryFraction, memoryReserve, memoryMinFree, debugLeaks);
  }

  DeviceSettings withCublas(boolean cublas) {
    return new DeviceSettings(
        graphs, cublas, memoryFraction, memoryReserve, memoryMinFree, debugLeaks);
  }

  DeviceSettings withMemory(double fraction, long reserve, long minFree) {
    return new DeviceSettings(graphs, cublas, fraction, reserve, minFree, debugLeaks);
  }

  DeviceSettings withDebugLeaks(boolean debugLeaks) {
    return new DeviceSettings(
        graphs, cublas, memoryFraction, memoryReserve, memoryMinFree, debugLeaks);
  }

  /** How many bytes the process may hold of a device with so many; none if it is not positive. */
  long memoryLimit(long totalBytes) {
    return (long) (memoryFraction * (totalBytes - memoryReserve));
  }
}
