// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.BackendException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Native memory by size class, four to each power of two, so that a block is at most a quarter
 * larger than asked for. What was given back is handed out again before the system is asked for
 * more: a warm training step allocates nothing. Safe for threads.
 */
final class MemoryPool {
  static final MemoryPool SHARED = new MemoryPool();

  private static final int ALIGNMENT = 64;
  private static final int CLASSES = 4 * 58;

  /** Below this much on loan the garbage collector is never asked for help. */
  private static final long MODEST = 1L << 30;

  private final ArrayDeque<Block>[] idle = deques();
  private long lent;
  private long owned;
  private long collectAt = MODEST;

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static ArrayDeque<Block>[] deques() {
    ArrayDeque<Block>[] all = new ArrayDeque[CLASSES];
    for (int i = 0; i < CLASSES; i++) {
      all[i] = new ArrayDeque<>(0);
    }
    return all;
  }

  /** The smallest class that holds this many bytes. */
  static int sizeClass(long bytes) {
    long units = Math.max(4, (bytes + ALIGNMENT - 1) / ALIGNMENT);
    int log = 63 - Long.numberOfLeadingZeros(units);
    long quarter = 1L << (log - 2);
    return 4 * log + (int) ((units - (1L << log) + quarter - 1) / quarter);
  }

  static long bytes(int sizeClass) {
    int log = sizeClass / 4;
    return ALIGNMENT * ((1L << log) + (sizeClass % 4) * (1L << (log - 2)));
  }

  Block take(long bytes) {
    int sizeClass = sizeClass(bytes);
    Block block = reuse(sizeClass);
    if (block == null && collectionIsDue(sizeClass)) {
      collect();
      block = reuse(sizeClass);
    }
    return block == null ? allocate(sizeClass) : block;
  }

  synchronized void give(Block block) {
    lent -= bytes(block.sizeClass());
    idle[block.sizeClass()].addLast(block);
  }

  /** Bytes that tensors hold. */
  synchronized long lent() {
    return lent;
  }

  /** Bytes that were ever taken from the system; none goes back. */
  synchronized long owned() {
    return owned;
  }

  /** The block that came back last: it is most likely still in the cache. */
  private synchronized @Nullable Block reuse(int sizeClass) {
    Block block = idle[sizeClass].pollLast();
    if (block != null) {
      lent += bytes(sizeClass);
    }
    return block;
  }

  private synchronized boolean collectionIsDue(int sizeClass) {
    return lent + bytes(sizeClass) > collectAt;
  }

  /**
   * Unreachable tensors hold memory that the garbage collector knows nothing of: it is asked when
   * twice as much is on loan as was in use after the last time.
   */
  private void collect() {
    System.gc();
    try {
      Thread.sleep(20); // the cleaners run in a thread of their own
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      collectAt = Math.max(MODEST, 2 * lent);
    }
  }

  private Block allocate(int sizeClass) {
    long bytes = bytes(sizeClass);
    long address;
    try {
      address = RawMemory.allocate(bytes + ALIGNMENT);
    } catch (OutOfMemoryError e) {
      throw new BackendException(
          "onednn backend: the system has no %d bytes of memory left beside the %d that tensors hold; use a smaller batch, or a TensorScope around each step"
              .formatted(bytes, lent()),
          e);
    }
    synchronized (this) {
      lent += bytes;
      owned += bytes;
    }
    return new Block((address + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT, sizeClass);
  }
}
