// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/**
 * Arithmetic with the carry flag: {@code add.cc}, {@code addc}, {@code sub.cc}, {@code subc},
 * {@code mad.cc} and {@code madc}, of 32 or 64 bits.
 */
final class Carries {
  private Carries() {}

  static void decode(Assembler a, Statement s) {
    Type type = s.type();
    Type bits = type.bytes == 8 ? Type.B64 : Type.B32;
    int[] x = Arithmetic.sources(a, s, bits);
    int y = a.target(s, 0, bits);
    boolean sets = s.has("cc");
    boolean uses = s.opcode().endsWith("c");
    boolean subtracts = s.opcode().startsWith("sub");
    boolean multiplies = s.opcode().startsWith("mad");
    boolean high = s.has("hi");
    a.emit(
        s,
        Moves.masked(
            (w, i) -> {
              long p = read(w, bits, x[0], i);
              long q = read(w, bits, x[1], i);
              if (multiplies) {
                p = product(p, q, type, high);
                q = read(w, bits, x[2], i);
              }
              int in = uses ? (w.carry >>> i) & 1 : 0;
              long result = subtracts ? p - q - in : p + q + in;
              boolean out = subtracts ? borrows(p, q, in, type) : carries(p, q, in, type);
              if (bits == Type.B64) {
                w.l[y][i] = result;
              } else {
                w.r[y][i] = (int) result;
              }
              if (sets) {
                w.carry = out ? w.carry | (1 << i) : w.carry & ~(1 << i);
              }
            }));
  }

  /** Zero-extended. */
  private static long read(Warp w, Type bits, int register, int lane) {
    return bits == Type.B64 ? w.l[register][lane] : Integer.toUnsignedLong(w.r[register][lane]);
  }

  private static long product(long p, long q, Type type, boolean high) {
    if (type.bytes == 8) {
      return high ? LongMath.high(p, q, type.signed()) : p * q;
    }
    long product = type.signed() ? (long) (int) p * (int) q : p * q;
    return (high ? product >>> 32 : product) & 0xffff_ffffL;
  }

  private static boolean carries(long p, long q, int in, Type type) {
    if (type.bytes == 4) {
      return (p + q + in) >>> 32 != 0;
    }
    long sum = p + q;
    return Long.compareUnsigned(sum, p) < 0 || (in != 0 && sum == -1);
  }

  private static boolean borrows(long p, long q, int in, Type type) {
    if (type.bytes == 4) {
      return p - q - in < 0;
    }
    int order = Long.compareUnsigned(p, q);
    return order < 0 || (in != 0 && order == 0);
  }
}
