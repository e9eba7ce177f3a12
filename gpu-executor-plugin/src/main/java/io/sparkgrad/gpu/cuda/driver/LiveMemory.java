// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.backend.BackendException;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongConsumer;

/**
 * Which device memory a driver has given out and not taken back, so that it never passes an address
 * on that it does not own. Safe for threads.
 */
final class LiveMemory {
  /** How many bytes begin at an address. */
  private final ConcurrentSkipListMap<Long, Long> regions = new ConcurrentSkipListMap<>();

  void add(long address, long bytes) {
    regions.put(address, bytes);
  }

  /** Forgets what begins at this address, and says how large it is. */
  long remove(long address) {
    Long bytes = regions.remove(address);
    if (bytes == null) {
      throw foreign("free was given address 0x%x".formatted(address));
    }
    return bytes;
  }

  /**
   * Refuses a region that is not within live memory.
   *
   * @param call for the message
   */
  void check(String call, long address, long bytes) {
    if (!contains(address, bytes)) {
      throw foreign("%s was given %d bytes at 0x%x".formatted(call, bytes, address));
    }
  }

  /** Refuses a launch with an address that is neither 0 nor of live memory. */
  void check(KernelLaunch launch) {
    Arguments arguments = launch.arguments();
    for (int i = 0; i < arguments.addresses(); i++) {
      long address = arguments.addressAt(i);
      if (address != 0 && !contains(address, 1)) {
        throw foreign("%s was given address 0x%x".formatted(launch.entry(), address));
      }
    }
  }

  private boolean contains(long address, long bytes) {
    Map.Entry<Long, Long> at = regions.floorEntry(address);
    return at != null && address + bytes <= at.getKey() + at.getValue();
  }

  private static BackendException foreign(String what) {
    return new BackendException(
        "CUDA: %s, expected live device memory; it was freed before, or is of another device."
            .formatted(what));
  }

  /** Calls it with the address of each region, which it may remove. */
  void forEach(LongConsumer consumer) {
    regions.keySet().forEach(consumer::accept);
  }
}
