// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Starts kernels in the order of one stream. With graphs, kernels gather until somebody needs them
 * to be in the stream: whatever else is put there {@link #flush}es before. What has gathered is one
 * step, or a part of it between two transfers, and the second time that the same kernels come along
 * they start as one {@link GraphCache graph}. Safe for threads; those that take turns at launching
 * get no graphs, since what each of them does comes in pieces.
 */
final class LaunchQueue {
  /** A graph of this length costs next to nothing per kernel, and the device gets to work. */
  private static final int LONGEST = 512;

  private final CudaDriver driver;
  private final long stream;
  private final @Nullable GraphCache graphs;
  private final List<KernelLaunch> pending = new ArrayList<>();
  private @Nullable Thread owner;
  private long launches;

  LaunchQueue(CudaDriver driver, long stream, boolean graphs) {
    this.driver = driver;
    this.stream = stream;
    this.graphs = graphs ? new GraphCache(driver, stream) : null;
  }

  long stream() {
    return stream;
  }

  synchronized void launch(KernelLaunch launch) {
    launches++;
    if (graphs == null) {
      driver.launch(launch, stream);
      return;
    }
    if (owner != Thread.currentThread()) {
      flush();
      owner = Thread.currentThread();
    }
    pending.add(launch);
    if (pending.size() == LONGEST) {
      flush();
    }
  }

  /** Puts what has gathered into the stream. */
  synchronized void flush() {
    if (graphs != null && !pending.isEmpty()) {
      List<KernelLaunch> sequence = List.copyOf(pending);
      pending.clear();
      owner = null;
      graphs.run(sequence);
    }
  }

  /** Waits until all is done. */
  synchronized void synchronize() {
    flush();
    driver.synchronize(stream);
  }

  /**
   * How many kernels were launched, and of those that were in graphs: how many graphs were started,
   * and how many arguments of their kernels exchanged.
   */
  record Counts(long launches, long graphLaunches, long graphUpdates) {}

  synchronized Counts counts() {
    return graphs == null
        ? new Counts(launches, 0, 0)
        : new Counts(launches, graphs.launches(), graphs.updates());
  }
}
