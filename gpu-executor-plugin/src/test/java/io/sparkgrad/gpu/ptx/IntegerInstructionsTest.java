// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntegerInstructionsTest {
  private static final long[] VALUES = {
    0,
    1,
    2,
    3,
    5,
    7,
    31,
    32,
    33,
    63,
    64,
    100,
    255,
    32767,
    32768,
    65535,
    65536,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    0x123456789abcdefL,
    -1,
    -2,
    -7,
    -100,
    Long.MIN_VALUE,
    Long.MAX_VALUE
  };

  /** Third operands are small, so that they serve as lengths of fields and as shifts too. */
  private static final long[] THIRD = {0, 1, 4, 8, 31, 40};

  @FunctionalInterface
  private interface Expected {
    long of(long a, long b, long c);
  }

  /** Expects the low bits of what {@code expected} makes of operands extended by their types. */
  private static void check(String instruction, Type d, Type a, Type b, Type c, Expected expected) {
    List<long[]> rows = new ArrayList<>();
    for (long x : VALUES) {
      for (long y : VALUES) {
        for (long z : THIRD) {
          rows.add(new long[] {x, y, z});
        }
      }
    }
    long[] got = new InstructionProbe(instruction, d, a, b, c).run(rows.toArray(new long[0][]));
    for (int i = 0; i < got.length; i++) {
      long x = extended(rows.get(i)[0], a);
      long y = extended(rows.get(i)[1], b);
      long z = extended(rows.get(i)[2], c);
      long want = expected.of(x, y, z) & (-1L >>> (64 - d.bits()));
      assertEquals(want, got[i], () -> instruction + " of " + x + ", " + y + ", " + z);
    }
  }

  private static long extended(long x, Type type) {
    int unused = 64 - type.bits();
    return type.signed() ? x << unused >> unused : x << unused >>> unused;
  }

  private static void check(String instruction, Type type, Expected expected) {
    check(instruction, type, type, type, type, expected);
  }

  private static long high(long a, long b, Type type) {
    BigInteger product = big(a, type).multiply(big(b, type));
    return product.shiftRight(type.bits()).longValue();
  }

  private static BigInteger big(long x, Type type) {
    return type.signed() ? BigInteger.valueOf(x) : new BigInteger(Long.toUnsignedString(x));
  }

  @Test
  void sumsAndProducts() {
    for (Type type : new Type[] {Type.S16, Type.U16, Type.S32, Type.U32, Type.S64, Type.U64}) {
      String t = type.name().toLowerCase(java.util.Locale.ROOT);
      check("add." + t + " %d, %a, %b;", type, (a, b, c) -> a + b);
      check("sub." + t + " %d, %a, %b;", type, (a, b, c) -> a - b);
      check("mul.lo." + t + " %d, %a, %b;", type, (a, b, c) -> a * b);
      check("mul.hi." + t + " %d, %a, %b;", type, (a, b, c) -> high(a, b, type));
      check("mad.lo." + t + " %d, %a, %b, %c;", type, (a, b, c) -> a * b + c);
      check("min." + t + " %d, %a, %b;", type, (a, b, c) -> less(a, b, type) ? a : b);
      check("max." + t + " %d, %a, %b;", type, (a, b, c) -> less(a, b, type) ? b : a);
      check(
          "div." + t + " %d, %a, %b;",
          type,
          (a, b, c) -> b == 0 ? -1 : big(a, type).divide(big(b, type)).longValue());
      check(
          "rem." + t + " %d, %a, %b;",
          type,
          (a, b, c) -> b == 0 ? -1 : big(a, type).remainder(big(b, type)).longValue());
    }
    check("add.sat.s32 %d, %a, %b;", Type.S32, (a, b, c) -> clamped(a + b));
    check("sad.s32 %d, %a, %b, %c;", Type.S32, (a, b, c) -> c + Math.abs(a - b));
  }

  private static long clamped(long x) {
    return Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, x));
  }

  private static boolean less(long a, long b, Type type) {
    return big(a, type).compareTo(big(b, type)) < 0;
  }

  @Test
  void productsOfTwiceTheWidth() {
    check("mul.wide.s32 %d, %a, %b;", Type.S64, Type.S32, Type.S32, Type.S32, (a, b, c) -> a * b);
    check("mul.wide.u32 %d, %a, %b;", Type.U64, Type.U32, Type.U32, Type.U32, (a, b, c) -> a * b);
    check("mul.wide.s16 %d, %a, %b;", Type.S32, Type.S16, Type.S16, Type.S16, (a, b, c) -> a * b);
    check(
        "mad.wide.u32 %d, %a, %b, %c;",
        Type.U64, Type.U32, Type.U32, Type.U64, (a, b, c) -> a * b + c);
  }

  @Test
  void carriesAndBorrows() {
    String addition = "add.cc.u32 %d, %a, %b; addc.u32 %d, %c, 0;";
    check(addition, Type.U32, (a, b, c) -> c + ((a + b) >>> 32));
    String subtraction = "sub.cc.u32 %d, %a, %b; subc.u32 %d, %c, 0;";
    check(subtraction, Type.U32, (a, b, c) -> c - (a < b ? 1 : 0));
    String wide = "add.cc.u64 %d, %a, %b; addc.u64 %d, %c, 0;";
    check(
        wide,
        Type.U64,
        (a, b, c) -> c + (big(a, Type.U64).add(big(b, Type.U64)).bitLength() > 64 ? 1 : 0));
    String product = "mad.lo.cc.u32 %d, %a, %b, %c; madc.hi.u32 %d, %a, %b, 0;";
    check(product, Type.U32, (a, b, c) -> (a * b + c) >>> 32);
  }

  @Test
  void logicAndShifts() {
    check("and.b32 %d, %a, %b;", Type.B32, (a, b, c) -> a & b);
    check("or.b64 %d, %a, %b;", Type.B64, (a, b, c) -> a | b);
    check("xor.b16 %d, %a, %b;", Type.B16, (a, b, c) -> a ^ b);
    check("not.b32 %d, %a;", Type.B32, (a, b, c) -> ~a);
    check("cnot.b32 %d, %a;", Type.B32, (a, b, c) -> a == 0 ? 1 : 0);
    // Every bit of the result is the table's entry for the three bits there.
    check("lop3.b32 %d, %a, %b, %c, 0xE8;", Type.B32, (a, b, c) -> (a & b) | (a & c) | (b & c));
    check("lop3.b32 %d, %a, %b, %c, 0x96;", Type.B32, (a, b, c) -> a ^ b ^ c);
    check("shl.b32 %d, %a, %c;", Type.B32, (a, b, c) -> c > 31 ? 0 : a << c);
    check("shr.u32 %d, %a, %c;", Type.U32, (a, b, c) -> c > 31 ? 0 : a >>> c);
    check("shr.s32 %d, %a, %c;", Type.S32, (a, b, c) -> a >> Math.min(c, 31));
    check("shl.b64 %d, %a, %c;", Type.B64, Type.B64, Type.B64, Type.U32, (a, b, c) -> a << c);
    check("shr.s64 %d, %a, %c;", Type.S64, Type.S64, Type.S64, Type.U32, (a, b, c) -> a >> c);
    Expected left = (a, b, c) -> (b << 32 | a) << (c & 31) >>> 32;
    check("shf.l.wrap.b32 %d, %a, %b, %c;", Type.B32, left);
    Expected right = (a, b, c) -> (b << 32 | a) >>> Math.min(c, 32);
    check("shf.r.clamp.b32 %d, %a, %b, %c;", Type.B32, right);
  }

  @Test
  void countsAndFields() {
    Type u = Type.U32;
    check("popc.b32 %d, %a;", u, (a, b, c) -> Long.bitCount(a));
    check("popc.b64 %d, %a;", u, Type.B64, u, u, (a, b, c) -> Long.bitCount(a));
    check("clz.b32 %d, %a;", u, (a, b, c) -> Integer.numberOfLeadingZeros((int) a));
    check("clz.b64 %d, %a;", u, Type.B64, u, u, (a, b, c) -> Long.numberOfLeadingZeros(a));
    check("brev.b32 %d, %a;", u, (a, b, c) -> Integer.reverse((int) a));
    check("bfind.u32 %d, %a;", u, (a, b, c) -> 31 - Integer.numberOfLeadingZeros((int) a));
    check(
        "bfind.shiftamt.u32 %d, %a;",
        u, (a, b, c) -> a == 0 ? -1 : Integer.numberOfLeadingZeros((int) a));
    check("bfe.u32 %d, %a, %b, %c;", u, (a, b, c) -> field(a, b, c, 32, false));
    check("bfe.s32 %d, %a, %b, %c;", Type.S32, (a, b, c) -> field(a, b, c, 32, true));
    check(
        "bfe.s64 %d, %a, %b, %c;", Type.S64, Type.S64, u, u, (a, b, c) -> field(a, b, c, 64, true));
    check(
        "bfi.b32 %d, %a, %b, 4, %c;",
        u,
        (a, b, c) -> {
          long mask = ((1L << c) - 1) << 4;
          return (b & ~mask) | ((a << 4) & mask);
        });
    check(
        "prmt.b32 %d, %a, %b, 0x4BF1;",
        u,
        (a, b, c) -> {
          long upper = (b & 0x80000000L) != 0 ? 0xff : 0;
          long third = (a & 0x80000000L) != 0 ? 0xff : 0;
          return (b & 0xff) << 24 | third << 16 | upper << 8 | (a >> 8 & 0xff);
        });
    check(
        "dp4a.s32.s32 %d, %a, %b, %c;",
        Type.S32,
        (a, b, c) ->
            c
                + (byte) a * (byte) b
                + (byte) (a >> 8) * (byte) (b >> 8)
                + (byte) (a >> 16) * (byte) (b >> 16)
                + (byte) (a >> 24) * (byte) (b >> 24));
  }

  /** As the PTX ISA defines it, bit by bit. */
  private static long field(long a, long b, long c, int width, boolean signed) {
    int from = (int) (b & 0xff);
    int length = (int) (c & 0xff);
    long sign = !signed || length == 0 ? 0 : a >> Math.min(from + length - 1, width - 1) & 1;
    long result = 0;
    for (int i = 0; i < width; i++) {
      long bit = i < length && from + i < width ? a >> (from + i) & 1 : sign;
      result |= bit << i;
    }
    return result;
  }

  @Test
  void comparisonsAndSelections() {
    String keep = " selp.b32 %d, 1, 0, %q;";
    Type d = Type.U32;
    for (Type t : new Type[] {Type.S16, Type.U16, Type.S32, Type.U32, Type.S64, Type.U64}) {
      String name = t.name().toLowerCase(java.util.Locale.ROOT);
      check(
          "setp.lt." + name + " %q, %a, %b;" + keep,
          d,
          t,
          t,
          d,
          (a, b, c) -> less(a, b, t) ? 1 : 0);
      check(
          "setp.ge." + name + " %q, %a, %b;" + keep,
          d,
          t,
          t,
          d,
          (a, b, c) -> less(a, b, t) ? 0 : 1);
      check("setp.eq." + name + " %q, %a, %b;" + keep, d, t, t, d, (a, b, c) -> a == b ? 1 : 0);
    }
    check("setp.hi.u32 %q, %a, %b;" + keep, d, (a, b, c) -> a > b ? 1 : 0);
    check(
        "setp.gt.s32 %q, %a, 5; setp.lt.and.s32 %q, %b, 9, %q;" + keep,
        Type.S32,
        (a, b, c) -> a > 5 && b < 9 ? 1 : 0);
    check("set.lt.u32.s32 %d, %a, %b;", Type.S32, (a, b, c) -> a < b ? -1 : 0);
    check("slct.b32.s32 %d, %a, %c, %b;", Type.S32, (a, b, c) -> b >= 0 ? a : c);
  }
}
