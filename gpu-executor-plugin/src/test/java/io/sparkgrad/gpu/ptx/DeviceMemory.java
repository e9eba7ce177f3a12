// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The memory of an emulated device. Addresses look like those of a GPU: large, 256-byte aligned,
 * with a gap after each allocation. An address is never given out twice, so every use after a free
 * is found. New memory holds NaNs. Not for several threads at once.
 */
public final class DeviceMemory {
  private static final long FIRST = 0x7f40_0000_0000L;
  private static final int ALIGNMENT = 256;

  private final TreeMap<Long, Allocation> allocations = new TreeMap<>();
  private final Set<Check> checks;
  private final Map<PtxModule, Map<String, Long>> modules = new HashMap<>();
  private long next = FIRST;
  private long liveBytes;
  private int liveAllocations;

  /** Checks that cost time and so are only done when asked for. */
  public enum Check {
    /** Kernels may not read bytes of global memory that nothing wrote. */
    INITCHECK,
    /** Kernels may not race for shared memory. */
    RACECHECK
  }

  public DeviceMemory(Check... checks) {
    this.checks = Set.of(checks);
  }

  boolean checks(Check check) {
    return checks.contains(check);
  }

  /** The address of {@code bytes} new bytes. */
  public long allocate(long bytes) {
    return allocate(bytes, checks(Check.INITCHECK));
  }

  /** As {@link #allocate(long)}, with a choice of its own about unwritten bytes. */
  public long allocate(long bytes, boolean checkUnwritten) {
    if (bytes <= 0 || bytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("allocate: expected 1 to 2^31 - 9 bytes, got " + bytes);
    }
    liveBytes += bytes;
    liveAllocations++;
    return place((int) bytes, checkUnwritten);
  }

  /** Room for a variable of a module, which no count of allocations includes. */
  long allocateForModule(int bytes) {
    return place(bytes, false);
  }

  /** Where the variables of a module lie; {@code load} places them at its first use. */
  Map<String, Long> addresses(PtxModule module, Function<DeviceMemory, Map<String, Long>> load) {
    Map<String, Long> addresses = modules.get(module);
    if (addresses == null) {
      addresses = load.apply(this);
      modules.put(module, addresses);
    }
    return addresses;
  }

  private long place(int bytes, boolean checkUnwritten) {
    long base = next;
    allocations.put(base, new Allocation(base, bytes, checkUnwritten));
    next += (bytes + 2L * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return base;
  }

  /** Gives back what {@link #allocate} returned. */
  public void free(long address) {
    Allocation allocation = allocations.get(address);
    if (allocation == null || allocation.freed()) {
      throw new IllegalArgumentException(
          "free: 0x%x starts no live allocation; %s".formatted(address, describe(address)));
    }
    allocation.free();
    liveBytes -= allocation.size;
    liveAllocations--;
  }

  public long liveBytes() {
    return liveBytes;
  }

  public int liveAllocations() {
    return liveAllocations;
  }

  /** Copies what is left of {@code from} to {@code address}. */
  public void write(long address, ByteBuffer from) {
    int length = from.remaining();
    Allocation allocation = range("write", address, length);
    int at = (int) (address - allocation.base);
    from.get(allocation.bytes, at, length);
    allocation.markWritten(at, length);
  }

  /** Fills what is left of {@code to} from {@code address}. */
  public void read(long address, ByteBuffer to) {
    Allocation allocation = range("read", address, to.remaining());
    to.put(allocation.bytes, (int) (address - allocation.base), to.remaining());
  }

  /** Sets {@code length} bytes to {@code value}. */
  public void fill(long address, byte value, long length) {
    Allocation allocation = range("fill", address, length);
    int at = (int) (address - allocation.base);
    Arrays.fill(allocation.bytes, at, at + (int) length, value);
    allocation.markWritten(at, (int) length);
  }

  /** Copies within the device; bytes that nothing wrote stay unwritten. */
  public void copy(long to, long from, long length) {
    Allocation source = range("copy", from, length);
    Allocation target = range("copy", to, length);
    int at = (int) (from - source.base);
    int into = (int) (to - target.base);
    System.arraycopy(source.bytes, at, target.bytes, into, (int) length);
    if (target.written != null) {
      for (int i = 0; i < length; i++) {
        target.written[into + i] = source.isWritten(at + i, 1);
      }
    }
  }

  /** The live allocation that holds all of a range, {@link Allocation#NONE} if there is none. */
  Allocation find(long address, long length) {
    Map.Entry<Long, Allocation> below = allocations.floorEntry(address);
    if (below == null) {
      return Allocation.NONE;
    }
    Allocation allocation = below.getValue();
    boolean inside = address - allocation.base <= allocation.size - length;
    return inside && !allocation.freed() ? allocation : Allocation.NONE;
  }

  /** Where an address lies with respect to the allocation before it. */
  String describe(long address) {
    Map.Entry<Long, Allocation> below = allocations.floorEntry(address);
    if (below == null) {
      return "no allocation lies before it";
    }
    Allocation allocation = below.getValue();
    long offset = address - allocation.base;
    String where =
        offset < allocation.size
            ? offset + " bytes into"
            : offset - allocation.size + " bytes after the end of";
    return "it is %s the %sallocation of %d bytes at 0x%x"
        .formatted(where, allocation.freed() ? "freed " : "", allocation.size, allocation.base);
  }

  private Allocation range(String what, long address, long length) {
    Allocation allocation = find(address, length);
    if (allocation == Allocation.NONE) {
      throw new IllegalArgumentException(
          "%s: %d bytes at 0x%x are not in one live allocation; %s"
              .formatted(what, length, address, describe(address)));
    }
    return allocation;
  }
}
