// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import org.jspecify.annotations.Nullable;

/** Global and constant memory: every access must lie in one live allocation. */
final class GlobalAccess extends Access {
  private final int base;
  private final int site;

  GlobalAccess(int base, long offset, int site) {
    super(offset);
    this.base = base;
    this.site = site;
  }

  @Override
  void locate(Warp w, int lane, long beyond, int width, Use use) {
    place(w, lane, w.l[base][lane] + offset + beyond, site, width, use);
  }

  static void place(Warp w, int lane, long address, int site, int width, Use use) {
    Allocation allocation = find(w, lane, address, site, width, use);
    int at = (int) (address - allocation.base);
    if (allocation.written != null) {
      track(w, lane, allocation, at, width, use);
    }
    w.in[lane] = allocation.bytes;
    w.at[lane] = at;
  }

  @Override
  byte @Nullable [] resolve(Warp w, int lanes, int width, Use use) {
    long[] a = w.l[base];
    int first = Integer.numberOfTrailingZeros(lanes);
    Allocation allocation = find(w, first, a[first] + offset, site, width, use);
    long low = allocation.base - offset;
    long last = (long) allocation.bytes.length - width;
    int[] at = w.at;
    // Gathers what is wrong anywhere: a sign where a place is outside, low bits where misaligned.
    // Bases are multiples of 256, so places are as aligned as addresses.
    long outside = 0;
    long bits = 0;
    if (lanes == -1) {
      for (int i = 0; i < 32; i++) {
        long place = a[i] - low;
        at[i] = (int) place;
        outside |= place | (last - place);
        bits |= place;
      }
    } else {
      for (int m = lanes; m != 0; m &= m - 1) {
        int i = Integer.numberOfTrailingZeros(m);
        long place = a[i] - low;
        at[i] = (int) place;
        outside |= place | (last - place);
        bits |= place;
      }
    }
    if (outside < 0 || (bits & (width - 1)) != 0 || allocation.written != null) {
      return super.resolve(w, lanes, width, use);
    }
    return allocation.bytes;
  }

  private static Allocation find(Warp w, int lane, long address, int site, int width, Use use) {
    if ((address & (width - 1)) != 0) {
      throw misaligned(w, lane, address, width);
    }
    Allocation last = w.sites[site];
    long place = address - last.base;
    if (place >= 0 && place <= last.bytes.length - width) {
      return last;
    }
    DeviceMemory memory = w.block.launch.memory();
    Allocation found = memory.find(address, width);
    if (found == Allocation.NONE) {
      throw w.fault(
          DeviceFault.Kind.MEMCHECK,
          lane,
          "invalid global %s of %d bytes at 0x%x (%s)"
              .formatted(use, width, address, memory.describe(address)));
    }
    w.sites[site] = found;
    return found;
  }

  private static void track(Warp w, int lane, Allocation allocation, int at, int width, Use use) {
    if (use == Use.WRITE) {
      allocation.markWritten(at, width);
    } else if (!allocation.isWritten(at, width)) {
      throw w.fault(
          DeviceFault.Kind.INITCHECK,
          lane,
          "reads %d bytes that nothing wrote, %d bytes into the allocation of %d bytes at 0x%x"
              .formatted(width, at, allocation.size, allocation.base));
    }
  }
}
