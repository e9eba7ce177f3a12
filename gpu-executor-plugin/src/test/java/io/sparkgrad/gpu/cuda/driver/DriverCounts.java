// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.util.Map;
import java.util.TreeMap;

/** What an {@link EmulatedCudaDriver} was called for. */
public final class DriverCounts {
  int launches;
  int graphLaunches;
  int graphUpdates;
  int allocations;
  int frees;
  int pinnedAllocations;
  int synchronizations;
  long bytesToDevice;
  long bytesToHost;
  final Map<String, Integer> kernels = new TreeMap<>();

  /**
   * The counts at some moment.
   *
   * @param launches of single kernels
   * @param synchronizations waits of the host for a stream or an event
   * @param kernels how often each kernel was started, in graphs too
   */
  public record Snapshot(
      int launches,
      int graphLaunches,
      int graphUpdates,
      int allocations,
      int frees,
      int pinnedAllocations,
      int synchronizations,
      long bytesToDevice,
      long bytesToHost,
      Map<String, Integer> kernels) {}

  Snapshot snapshot() {
    return new Snapshot(
        launches,
        graphLaunches,
        graphUpdates,
        allocations,
        frees,
        pinnedAllocations,
        synchronizations,
        bytesToDevice,
        bytesToHost,
        Map.copyOf(kernels));
  }
}
