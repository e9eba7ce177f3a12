// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Graphs of sequences of kernels. Two sequences are the same if they have the same functions, grids
 * and blocks in the same order; what else differs, addresses and step sizes, is exchanged in the
 * graph before it starts. Used by one thread at a time.
 */
final class GraphCache {
  /** Shorter sequences gain nothing. */
  private static final int SHORTEST = 3;

  /** Sequences that are known, with or without a graph; more than a training loop has. */
  private static final int KEPT = 64;

  private final CudaDriver driver;
  private final long stream;

  /** By hash, the one that was used last at the end. */
  private final Map<Integer, Sequence> known = new LinkedHashMap<>(KEPT, 0.75f, true);

  private long launches;
  private long updates;

  GraphCache(CudaDriver driver, long stream) {
    this.driver = driver;
    this.stream = stream;
  }

  private static final class Sequence {
    final List<KernelLaunch> last;

    /** 0 as long as it was seen once. */
    long graph;

    Sequence(List<KernelLaunch> launches) {
      last = new ArrayList<>(launches);
    }
  }

  /** Puts these kernels into the stream. */
  void run(List<KernelLaunch> launches) {
    if (launches.size() < SHORTEST) {
      launchEach(launches);
      return;
    }
    Sequence sequence = known.get(hash(launches));
    if (sequence == null) {
      remember(launches);
      launchEach(launches);
    } else if (!isSame(sequence.last, launches)) {
      launchEach(launches);
    } else {
      replay(sequence, launches);
    }
  }

  /** Puts these kernels into the stream, one after the other. */
  void launchEach(List<KernelLaunch> launches) {
    for (KernelLaunch launch : launches) {
      driver.launch(launch, stream);
    }
  }

  private void replay(Sequence sequence, List<KernelLaunch> launches) {
    if (sequence.graph == 0) {
      sequence.graph = create(launches);
      if (sequence.graph == 0) {
        launchEach(launches);
        return;
      }
      Collections.copy(sequence.last, launches);
    } else {
      for (int i = 0; i < launches.size(); i++) {
        KernelLaunch launch = launches.get(i);
        if (!launch.arguments().equals(sequence.last.get(i).arguments())) {
          driver.updateGraph(sequence.graph, i, launch);
          sequence.last.set(i, launch);
          updates++;
        }
      }
    }
    try {
      driver.launchGraph(sequence.graph, stream);
      this.launches++;
    } catch (CudaException e) {
      if (!e.isOutOfMemory()) {
        throw e;
      }
      launchEach(launches); // a graph goes to the device when it starts first
    }
  }

  /** 0 if the device has no memory for a graph: its kernels run without. */
  private long create(List<KernelLaunch> launches) {
    try {
      return driver.createGraph(launches);
    } catch (CudaException e) {
      if (e.isOutOfMemory()) {
        return 0;
      }
      throw e;
    }
  }

  private void remember(List<KernelLaunch> launches) {
    if (known.size() == KEPT) {
      Iterator<Sequence> all = known.values().iterator();
      Sequence oldest = all.next();
      all.remove();
      if (oldest.graph != 0) {
        driver.synchronize(stream); // it may be running
        driver.destroyGraph(oldest.graph);
      }
    }
    known.put(hash(launches), new Sequence(launches));
  }

  private static int hash(List<KernelLaunch> launches) {
    int hash = launches.size();
    for (KernelLaunch launch : launches) {
      hash = 31 * hash + Long.hashCode(launch.function());
      hash = 31 * hash + launch.grid().hashCode();
      hash = 31 * hash + launch.block().hashCode();
      hash = 31 * hash + launch.sharedBytes();
    }
    return hash;
  }

  private static boolean isSame(List<KernelLaunch> a, List<KernelLaunch> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      KernelLaunch x = a.get(i);
      KernelLaunch y = b.get(i);
      if (x.function() != y.function()
          || x.sharedBytes() != y.sharedBytes()
          || !x.grid().equals(y.grid())
          || !x.block().equals(y.block())) {
        return false;
      }
    }
    return true;
  }

  long launches() {
    return launches;
  }

  long updates() {
    return updates;
  }
}
