// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Starts kernels in the order of one stream. With graphs, kernels gather until somebody needs them
 * to be in the stream: whatever else is put there {@link #flush}es before. What has gathered is one
 * step, or a part of it between two transfers, and the second time that the same kernels come along
 * they start as one {@link GraphCache graph}.
 *
 * <p>Safe for threads. Those that take turns get no graphs, since what each of them does comes in
 * pieces. A thread is told itself if its kernels cannot be started, also where another put them
 * into the stream.
 */
final class LaunchQueue {
  /** A graph of this length costs next to nothing per kernel, and the device gets to work. */
  private static final int LONGEST = 512;

  private final CudaDriver driver;
  private final long stream;
  private final @Nullable GraphCache graphs;
  private final List<KernelLaunch> pending = new ArrayList<>();

  /** Who launched what is pending; null if nothing is. */
  private @Nullable Thread owner;

  /** Whose kernels another thread flushed: what they launch until they flush is but a rest. */
  private final Set<Thread> interrupted = Collections.newSetFromMap(new WeakHashMap<>());

  /** What went wrong with those kernels, until their thread comes back. */
  private final Map<Thread, RuntimeException> failures = new WeakHashMap<>();

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
    if (graphs == null) {
      return;
    }
    Thread caller = Thread.currentThread();
    Thread launcher = owner;
    List<KernelLaunch> sequence = List.copyOf(pending);
    pending.clear();
    owner = null;
    if (launcher != null && launcher != caller) {
      interrupted.add(launcher);
      try {
        graphs.launchEach(sequence);
      } catch (RuntimeException e) {
        failures.put(launcher, e);
      }
    }
    RuntimeException failure = failures.remove(caller);
    if (failure != null) {
      throw failure;
    }
    if (launcher == caller && interrupted.remove(caller)) {
      graphs.launchEach(sequence);
    } else if (launcher == caller) {
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
