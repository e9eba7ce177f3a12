// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.backend.BackendException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which device memory a driver has given out and not taken back, so that it never passes an address
 * on that it does not own. Remembers who asked for it while the system property {@value
 * #SITES_PROPERTY} is {@code true}. Safe for threads.
 */
public final class LiveMemory {
  /** Whether allocations remember their stack, for {@link #leaks}. */
  public static final String SITES_PROPERTY = "sparkgrad.gpu.allocationSites";

  private final ConcurrentSkipListMap<Long, Region> regions = new ConcurrentSkipListMap<>();

  private record Region(long bytes, @Nullable Throwable site) {}

  /** What {@link #leaks} prints as its cause. */
  private static final class Allocation extends Throwable {
    private static final long serialVersionUID = 1L;
  }

  public void add(long address, long bytes) {
    Throwable site = Boolean.getBoolean(SITES_PROPERTY) ? new Allocation() : null;
    regions.put(address, new Region(bytes, site));
  }

  /** Forgets what begins at this address, and says how large it is. */
  public long remove(long address) {
    Region region = regions.remove(address);
    if (region == null) {
      throw foreign("free was given address 0x%x".formatted(address));
    }
    return region.bytes();
  }

  /**
   * Refuses a region that is not within live memory.
   *
   * @param call for the message
   */
  public void check(String call, long address, long bytes) {
    if (!contains(address, bytes)) {
      throw foreign("%s was given %d bytes at 0x%x".formatted(call, bytes, address));
    }
  }

  /** Refuses a launch with an address that is neither 0 nor of live memory. */
  public void check(KernelLaunch launch) {
    Arguments arguments = launch.arguments();
    for (int i = 0; i < arguments.addresses(); i++) {
      long address = arguments.addressAt(i);
      if (address != 0 && !contains(address, 0)) {
        throw foreign("%s was given address 0x%x".formatted(launch.entry(), address));
      }
    }
  }

  private boolean contains(long address, long bytes) {
    Map.Entry<Long, Region> at = regions.floorEntry(address);
    return at != null && address + bytes <= at.getKey() + at.getValue().bytes();
  }

  private static BackendException foreign(String what) {
    return new BackendException(
        "CUDA: %s, expected live device memory; it was freed before, or is of another device."
            .formatted(what));
  }

  /** Calls it with the address of each region, which it may remove. */
  public void forEach(LongConsumer consumer) {
    regions.keySet().forEach(consumer::accept);
  }

  /**
   * One paragraph for each region that is still live: size, and where it was asked for if known.
   */
  public List<String> leaks() {
    List<String> leaks = new ArrayList<>();
    regions.forEach(
        (address, region) ->
            leaks.add("%d bytes at 0x%x%s".formatted(region.bytes(), address, site(region))));
    return leaks;
  }

  private static String site(Region region) {
    if (region.site() == null) {
      return " (set -D" + SITES_PROPERTY + "=true to see where it was allocated)";
    }
    StringBuilder text = new StringBuilder(", allocated");
    for (StackTraceElement frame : region.site().getStackTrace()) {
      text.append("\n  at ").append(frame);
    }
    return text.toString();
  }
}
