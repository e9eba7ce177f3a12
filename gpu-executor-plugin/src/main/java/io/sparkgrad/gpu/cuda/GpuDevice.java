// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.DeviceProperties;
import java.util.List;

/** What a GPU backend tells the process that has it open. */
public interface GpuDevice {
  DeviceProperties properties();

  /** Free and total bytes of the device, whoever uses them. */
  CudaDriver.MemoryInfo memoryInfo();

  /** How many bytes of device memory this process may hold for tensors. */
  long memoryLimit();

  Snapshot metrics();

  /**
   * Device memory that nobody gave back before the garbage collector found its owner gone, since
   * the last call; runs the collector. Empty without {@link DeviceSettings#debugLeaks}.
   */
  List<Leak> collectedLeaks();

  /** Device memory that is in use. Empty without {@link DeviceSettings#debugLeaks}. */
  List<Leak> inUse();

  /**
   * Counted since the backend was opened, but for what is now.
   *
   * @param heldBytes device memory that this process has now
   * @param usedBytes of that, what tensors and kernels use now
   * @param peakBytes the most that were used at a time
   * @param poolHits requests for memory that the pool answered
   * @param poolMisses requests for which the driver was asked
   * @param launches kernels
   * @param graphLaunches graphs, each of which started many of these kernels
   * @param graphUpdates kernels in graphs that were given other arguments
   */
  record Snapshot(
      long heldBytes,
      long usedBytes,
      long peakBytes,
      long poolHits,
      long poolMisses,
      long launches,
      long graphLaunches,
      long graphUpdates,
      long bytesToDevice,
      long bytesToHost) {}
}
