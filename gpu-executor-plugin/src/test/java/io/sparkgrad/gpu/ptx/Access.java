// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where an instruction accesses memory: an operand in brackets and its space. */
abstract class Access {
  /** What an instruction does at a place. */
  enum Use {
    READ,
    WRITE,
    ATOMIC;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  final long offset;

  Access(long offset) {
    this.offset = offset;
  }

  /**
   * Checks the access of one lane and leaves the place in {@link Warp#in} and {@link Warp#at}.
   *
   * @param beyond bytes to add to the address
   * @param width bytes, which the address must be a multiple of
   */
  abstract void locate(Warp w, int lane, long beyond, int width, Use use);

  final void locate(Warp w, int lane, int width, Use use) {
    locate(w, lane, 0, width, use);
  }

  /**
   * Does so for several lanes.
   *
   * @return the array that all of the places are in, or null if {@link Warp#in} tells
   */
  byte @Nullable [] resolve(Warp w, int lanes, int width, Use use) {
    for (int m = lanes; m != 0; m &= m - 1) {
      locate(w, Integer.numberOfTrailingZeros(m), width, use);
    }
    return null;
  }

  /** The access of an operand in brackets. */
  static Access of(Assembler a, Statement s, Operand operand, Variable.Space space) {
    if (!(operand instanceof Operand.Address address)) {
      throw s.error("expected an address in brackets, got " + operand);
    }
    Variable.Space in = space;
    if (address.base() instanceof Operand.Name name) {
      Optional<Symbol> symbol = a.find(name.name());
      if (symbol.isPresent() && symbol.get() instanceof Symbol.Local) {
        in = Variable.Space.LOCAL;
      }
    }
    return switch (in) {
      case GLOBAL, CONST ->
          new GlobalAccess(a.source(s, address.base(), Type.U64), address.offset(), a.site());
      case GENERIC ->
          new GenericAccess(a.source(s, address.base(), Type.U64), address.offset(), a.site());
      case SHARED -> new SharedAccess(a.source(s, address.base(), Type.U32), address.offset());
      case LOCAL -> new LocalAccess(a.source(s, address.base(), Type.U32), address.offset());
      case PARAM -> new ParameterAccess(a.source(s, address.base(), Type.U32), address.offset());
      case REG -> throw s.error("registers have no addresses");
    };
  }

  /** The space that an instruction names, {@code GENERIC} if it names none. */
  static Variable.Space space(Statement s) {
    for (String part : s.parts()) {
      switch (part) {
        case "global", "shared", "local", "param", "const" -> {
          return Windows.space(part);
        }
        default -> {
          // Not a space.
        }
      }
    }
    return Variable.Space.GENERIC;
  }

  static DeviceFault misaligned(Warp w, int lane, long address, int width) {
    return w.fault(
        DeviceFault.Kind.MEMCHECK,
        lane,
        "misaligned access of %d bytes at 0x%x".formatted(width, address));
  }

  /** Shared memory, by 32-bit addresses. */
  static final class SharedAccess extends Access {
    private final int base;

    SharedAccess(int base, long offset) {
      super(offset);
      this.base = base;
    }

    @Override
    void locate(Warp w, int lane, long beyond, int width, Use use) {
      check(w, lane, w.r[base][lane] + (int) (offset + beyond), width, use);
      w.in[lane] = w.block.shared;
    }

    @Override
    byte[] resolve(Warp w, int lanes, int width, Use use) {
      int[] a = w.r[base];
      if (lanes == -1 && w.block.races == null) {
        int by = (int) offset;
        int last = w.block.shared.length - width;
        int wrong = 0;
        int bits = 0;
        for (int i = 0; i < 32; i++) {
          int place = a[i] + by;
          w.at[i] = place;
          wrong |= place | (last - place);
          bits |= place;
        }
        if (wrong >= 0 && (bits & (width - 1)) == 0) {
          return w.block.shared;
        }
      }
      for (int m = lanes; m != 0; m &= m - 1) {
        int i = Integer.numberOfTrailingZeros(m);
        check(w, i, a[i] + (int) offset, width, use);
      }
      return w.block.shared;
    }

    static void check(Warp w, int lane, int at, int width, Use use) {
      if ((at & (width - 1)) != 0) {
        throw misaligned(w, lane, at, width);
      }
      int size = w.block.shared.length;
      if (at < 0 || at > size - width) {
        throw w.fault(
            DeviceFault.Kind.MEMCHECK,
            lane,
            "invalid shared %s of %d bytes at %d of %d".formatted(use, width, at, size));
      }
      w.at[lane] = at;
      RaceDetector races = w.block.races;
      if (races != null) {
        races.access(w, lane, at, width, use);
      }
    }
  }

  /** Local memory: the frame of each thread lies behind that of the thread before. */
  static final class LocalAccess extends Access {
    private final int base;

    LocalAccess(int base, long offset) {
      super(offset);
      this.base = base;
    }

    @Override
    void locate(Warp w, int lane, long beyond, int width, Use use) {
      place(w, lane, w.r[base][lane] + offset + beyond, width);
    }

    static void place(Warp w, int lane, long at, int width) {
      int frame = w.block.kernel.localBytes();
      if ((at & (width - 1)) != 0) {
        throw misaligned(w, lane, at, width);
      }
      if (at < 0 || at > frame - width) {
        throw w.fault(
            DeviceFault.Kind.MEMCHECK,
            lane,
            "invalid local access of %d bytes at %d of %d".formatted(width, at, frame));
      }
      w.in[lane] = w.local;
      w.at[lane] = lane * frame + (int) at;
    }
  }

  /** The parameters of the kernel. */
  static final class ParameterAccess extends Access {
    private final int base;

    ParameterAccess(int base, long offset) {
      super(offset);
      this.base = base;
    }

    @Override
    void locate(Warp w, int lane, long beyond, int width, Use use) {
      place(w, lane, w.r[base][lane] + offset + beyond, width);
    }

    /** Parameters are mostly read by name: at one place for all lanes. */
    @Override
    byte @Nullable [] resolve(Warp w, int lanes, int width, Use use) {
      int[] a = w.r[base];
      int lane = Integer.numberOfTrailingZeros(lanes);
      // Other lanes' registers may differ; then the longer way is as right.
      int differing = 0;
      for (int i = 0; i < 32; i++) {
        differing |= a[i] ^ a[lane];
      }
      if (differing != 0) {
        return super.resolve(w, lanes, width, use);
      }
      locate(w, lane, width, use);
      Arrays.fill(w.at, w.at[lane]);
      return w.in[lane];
    }

    static void place(Warp w, int lane, long at, int width) {
      byte[] parameters = w.block.launch.parameters();
      if (at < 0 || at > parameters.length - width) {
        throw w.fault(
            DeviceFault.Kind.MEMCHECK,
            lane,
            "invalid access of %d bytes at %d of the parameters".formatted(width, at));
      }
      w.in[lane] = parameters;
      w.at[lane] = (int) at;
    }
  }
}
