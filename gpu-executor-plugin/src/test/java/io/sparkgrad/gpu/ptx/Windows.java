// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Locale;

/** Where shared memory, local memory and the parameters lie among generic addresses. */
final class Windows {
  private static final long SHARED = 0x7e00_0000_0000L;
  private static final long LOCAL = 0x7d00_0000_0000L;
  private static final long PARAM = 0x7c00_0000_0000L;
  private static final long SIZE = 0x0100_0000_0000L;

  private Windows() {}

  static Variable.Space space(String name) {
    return Variable.Space.valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** What to add to an address in a space to get the generic one. */
  static long base(String space) {
    return base(space(space));
  }

  static long base(Variable.Space space) {
    return switch (space) {
      case SHARED -> SHARED;
      case LOCAL -> LOCAL;
      case PARAM -> PARAM;
      default -> 0;
    };
  }

  /** The space of a generic address. */
  static Variable.Space of(long address) {
    if (address >= SHARED && address < SHARED + SIZE) {
      return Variable.Space.SHARED;
    }
    if (address >= LOCAL && address < LOCAL + SIZE) {
      return Variable.Space.LOCAL;
    }
    if (address >= PARAM && address < PARAM + SIZE) {
      return Variable.Space.PARAM;
    }
    return Variable.Space.GLOBAL;
  }
}
