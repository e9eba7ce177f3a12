// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where device memory was asked for that is in use, and where that was asked for which nobody gave
 * back before the garbage collector found its owner gone. Safe for threads.
 */
final class AllocationSites {
  /** Reaches from a kernel's call to the layer that made it, and into what called the network. */
  private static final int FRAMES = 32;

  private final Map<Long, Leak> inUse = new HashMap<>();
  private final List<Leak> collected = new ArrayList<>();

  /** The caller is remembered. */
  synchronized void add(long address, long bytes) {
    List<StackTraceElement> site =
        StackWalker.getInstance()
            .walk(
                frames ->
                    frames
                        .skip(1)
                        .limit(FRAMES)
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .toList());
    inUse.put(address, new Leak(1, bytes, site));
  }

  synchronized void remove(long address) {
    inUse.remove(address);
  }

  /** As {@link #remove}, of what the garbage collector found. */
  synchronized void collect(long address) {
    Leak found = inUse.remove(address);
    if (found != null) {
      collected.add(found);
    }
  }

  synchronized List<Leak> inUse() {
    return bySite(inUse.values());
  }

  /** What was {@link #collect}ed since the last call. */
  synchronized List<Leak> takeCollected() {
    List<Leak> leaks = bySite(collected);
    collected.clear();
    return leaks;
  }

  /** One for each place, that with the most bytes first. */
  private static List<Leak> bySite(Collection<Leak> pieces) {
    Map<List<StackTraceElement>, Leak> sums = new LinkedHashMap<>();
    for (Leak piece : pieces) {
      sums.merge(
          piece.site(),
          piece,
          (a, b) -> new Leak(a.pieces() + b.pieces(), a.bytes() + b.bytes(), a.site()));
    }
    return sums.values().stream().sorted(Comparator.comparingLong(Leak::bytes).reversed()).toList();
  }
}
