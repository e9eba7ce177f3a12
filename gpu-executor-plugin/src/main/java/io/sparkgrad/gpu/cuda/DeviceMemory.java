// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Device memory, taken and given back in the order of one stream: whoever gives back has launched
 * what uses it, and whoever gets it next launches after that, so nobody waits. What was given back
 * stays with the process and is handed out again; a warm step asks the driver for nothing. The
 * process never has more than its limit. Safe for threads.
 */
final class DeviceMemory {
  /** What the driver aligns to, and vector loads and stores are glad of. */
  static final long ALIGNMENT = 512;

  private static final long MIB = 1 << 20;

  /**
   * Up to here requests share segments of {@link #SMALL_SEGMENT}, so that they cut up no others.
   */
  private static final long SMALL = MIB;

  private static final long SMALL_SEGMENT = 2 * MIB;

  /** Up to here requests share segments of {@link #LARGE_SEGMENT}; larger ones get their own. */
  private static final long LARGE = 10 * MIB;

  private static final long LARGE_SEGMENT = 20 * MIB;

  private final CudaDriver driver;
  private final LaunchQueue queue;
  private final BlockPool small = new BlockPool();
  private final BlockPool large = new BlockPool();

  private final long limit;

  /** Null if nobody wants to know where memory was asked for. */
  private final @Nullable AllocationSites sites;

  private long held;
  private long used;
  private long peak;
  private long hits;
  private long misses;

  DeviceMemory(CudaDriver driver, LaunchQueue queue, DeviceSettings settings) {
    this.driver = driver;
    this.queue = queue;
    limit = settings.memoryLimit(driver.memory().total());
    sites = settings.debugLeaks() ? new AllocationSites() : null;
  }

  /** The most bytes that the driver is asked for. */
  long limit() {
    return limit;
  }

  /**
   * Memory of at least this size, also for 0 bytes; its contents are undefined.
   *
   * @throws OutOfDeviceMemoryException if the device has none left, or this process may have no
   *     more of it
   */
  long take(long bytes) {
    long size = roundUp(Math.max(1, bytes), ALIGNMENT);
    BlockPool pool = size <= SMALL ? small : large;
    long address = reuse(pool, size);
    if (address == 0) {
      address = allocate(pool, size, segment(size));
    }
    if (address == 0) {
      release();
      address = allocate(pool, size, roundUp(size, SMALL_SEGMENT));
    }
    if (address == 0) {
      collectGarbage();
      address = reuse(pool, size);
    }
    if (address == 0) {
      release();
      address = allocate(pool, size, roundUp(size, SMALL_SEGMENT));
    }
    if (address == 0) {
      throw outOfMemory(bytes);
    }
    return address;
  }

  private static long segment(long size) {
    if (size <= SMALL) {
      return SMALL_SEGMENT;
    }
    return size <= LARGE ? LARGE_SEGMENT : roundUp(size, SMALL_SEGMENT);
  }

  private static long roundUp(long value, long unit) {
    return (value + unit - 1) / unit * unit;
  }

  private synchronized long reuse(BlockPool pool, long size) {
    long address = pool.take(size);
    if (address != 0) {
      hits++;
      lend(address, size);
    }
    return address;
  }

  private void lend(long address, long size) {
    used += size;
    peak = Math.max(peak, used);
    if (sites != null) {
      sites.add(address, size);
    }
  }

  /** 0 if there is not so much. */
  private synchronized long allocate(BlockPool pool, long size, long segment) {
    long start = ask(segment);
    if (start == 0) {
      return 0;
    }
    misses++;
    pool.addSegment(start, segment);
    long address = pool.take(size);
    lend(address, size);
    return address;
  }

  /** 0 if the device has not so much, or this process may not have it. */
  private synchronized long ask(long bytes) {
    if (bytes > limit - held) {
      return 0;
    }
    try {
      long start = driver.allocate(bytes);
      held += bytes;
      return start;
    } catch (CudaException e) {
      if (e.isOutOfMemory()) {
        return 0;
      }
      throw e;
    }
  }

  /**
   * Memory that the caller keeps for good and may use in any stream, since nothing has used it
   * before.
   *
   * @throws OutOfDeviceMemoryException if the device has none left, or this process may not have
   *     more of it
   */
  long takeApart(long bytes) {
    long address = ask(bytes);
    if (address == 0) {
      release();
      address = ask(bytes);
    }
    if (address == 0) {
      collectGarbage();
      release();
      address = ask(bytes);
    }
    if (address == 0) {
      throw outOfMemory(bytes);
    }
    return address;
  }

  /** Gives back what {@link #takeApart} gave, after all, since nothing has used it. */
  synchronized void giveApart(long address, long bytes) {
    driver.free(address);
    held -= bytes;
  }

  /**
   * Makes a call for which the driver itself needs memory of the device: once more, after the pool
   * gave back what it does not use, where there is too little.
   *
   * @throws OutOfDeviceMemoryException if it is too little then too
   */
  <T> T makingRoom(Supplier<T> call) {
    try {
      return call.get();
    } catch (CudaException e) {
      if (!e.isOutOfMemory()) {
        throw e;
      }
    }
    release();
    try {
      return call.get();
    } catch (CudaException e) {
      throw e.isOutOfMemory()
          ? new OutOfDeviceMemoryException(
              e.getMessage() + ", also after the pool gave back what it did not use")
          : e;
    }
  }

  /**
   * Takes back what {@link #take} gave.
   *
   * @throws BackendException if it was given back before, or is not of this device
   */
  synchronized void give(long address) {
    long bytes = small.give(address);
    if (bytes < 0) {
      bytes = large.give(address);
    }
    if (bytes < 0) {
      throw new BackendException(
          "device memory: expected the address of a block in use, got 0x%x; it was given back before, or is of another device."
              .formatted(address));
    }
    used -= bytes;
    if (sites != null) {
      sites.remove(address);
    }
  }

  /** As {@link #give}, for an owner that did not and is gone. */
  synchronized void collect(long address) {
    if (sites != null) {
      sites.collect(address);
    }
    give(address);
  }

  /** Returns to the driver what is not in use, after the kernels that may still use it. */
  synchronized void release() {
    queue.synchronize();
    for (BlockPool pool : List.of(small, large)) {
      for (BlockPool.Segment idle : pool.removeIdle()) {
        driver.free(idle.address());
        held -= idle.bytes();
      }
    }
  }

  /** Unreachable tensors hold memory that the garbage collector knows nothing of. */
  private static void collectGarbage() {
    System.gc();
    try {
      Thread.sleep(50); // the cleaner runs in a thread of its own
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized OutOfDeviceMemoryException outOfMemory(long bytes) {
    CudaDriver.MemoryInfo device = driver.memory();
    return new OutOfDeviceMemoryException(
        "CUDA out of memory: tried to allocate %d bytes, %d of %d are free on %s, of which this process may hold %d; tensors hold %d, %d more are reserved, of which the largest piece is %d"
            .formatted(
                bytes,
                device.free(),
                device.total(),
                driver.device().name(),
                limit,
                used,
                held - used,
                Math.max(small.largest(), large.largest())));
  }

  /** What is in use, if it is remembered where it was taken. */
  List<Leak> inUse() {
    return sites == null ? List.of() : sites.inUse();
  }

  /** What was {@link #collect}ed since the last call, if it is remembered where it was taken. */
  List<Leak> collectedLeaks() {
    if (sites == null) {
      return List.of();
    }
    collectGarbage();
    return sites.takeCollected();
  }

  /** Bytes that the driver gave, that are in use, that were at the same time, and requests. */
  record Usage(long held, long used, long peak, long hits, long misses) {}

  synchronized Usage usage() {
    return new Usage(held, used, peak, hits, misses);
  }
}
