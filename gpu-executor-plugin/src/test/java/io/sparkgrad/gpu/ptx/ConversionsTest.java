// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.function.DoubleToLongFunction;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class ConversionsTest {
  private static final double[] NUMBERS = {
    0.0,
    -0.0,
    0.5,
    1.5,
    2.5,
    -0.5,
    -1.5,
    -2.5,
    0.49999997,
    3.7,
    -3.7,
    127.5,
    255.5,
    -128.6,
    32767.9,
    65535.5,
    2147483647.5,
    2147483648.0,
    -2147483649.0,
    4294967295.5,
    4294967296.0,
    1e10,
    9.3e18,
    1.9e19,
    -1e30,
    1e-45,
    3.4028235e38,
    65519.9,
    65520.0,
    6e-8,
    2.9e-8,
    1e39,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };

  private static final long[] INTEGERS = {
    0,
    1,
    -1,
    127,
    128,
    255,
    256,
    -128,
    -129,
    32767,
    32768,
    65535,
    65536,
    16777217,
    16777219,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    0xffffff80L,
    0xffffff7fL,
    1L << 53,
    (1L << 53) + 1,
    0x7fffff4000000001L,
    0x8000008000000000L,
    0x8000008000000001L,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static long bits(double x, Type type) {
    return type == Type.F64
        ? Double.doubleToRawLongBits(x)
        : Integer.toUnsignedLong(Float.floatToRawIntBits((float) x));
  }

  /** From {@code from}, whose values are floats if it is F32. */
  private static void fromReal(String instruction, Type to, Type from, DoubleToLongFunction want) {
    long[][] rows = new long[NUMBERS.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new long[] {bits(NUMBERS[i], from)};
    }
    long[] got = new InstructionProbe(instruction, to, from).run(rows);
    for (int i = 0; i < rows.length; i++) {
      double x = from == Type.F64 ? NUMBERS[i] : (float) NUMBERS[i];
      long expected = want.applyAsLong(x) & (-1L >>> (64 - to.bits()));
      assertEquals(expected, got[i], instruction + " of " + x);
    }
  }

  private static void fromInteger(String instruction, Type to, Type from, LongUnaryOperator want) {
    long[][] rows = new long[INTEGERS.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new long[] {INTEGERS[i]};
    }
    long[] got = new InstructionProbe(instruction, to, from).run(rows);
    for (int i = 0; i < rows.length; i++) {
      int unused = 64 - from.bits();
      long x = INTEGERS[i] << unused;
      x = from.signed() ? x >> unused : x >>> unused;
      long expected = want.applyAsLong(x) & (-1L >>> (64 - to.bits()));
      assertEquals(expected, got[i], instruction + " of " + x);
    }
  }

  /** Rounds, then takes the nearest end of the range. */
  private static long integer(double x, RoundingMode mode, Type to, long nan) {
    if (Double.isNaN(x)) {
      return nan;
    }
    BigInteger max = BigInteger.ONE.shiftLeft(to.signed() ? to.bits() - 1 : to.bits());
    BigInteger min = to.signed() ? max.negate() : BigInteger.ZERO;
    if (Double.isInfinite(x)) {
      return (x > 0 ? max.subtract(BigInteger.ONE) : min).longValue();
    }
    BigInteger rounded = new BigDecimal(x).setScale(0, mode).toBigInteger();
    return rounded.max(min).min(max.subtract(BigInteger.ONE)).longValue();
  }

  @Test
  void numbersToIntegers() {
    Object[][] modes = {
      {"rni", RoundingMode.HALF_EVEN},
      {"rzi", RoundingMode.DOWN},
      {"rmi", RoundingMode.FLOOR},
      {"rpi", RoundingMode.CEILING}
    };
    for (Object[] m : modes) {
      RoundingMode mode = (RoundingMode) m[1];
      for (Type to : new Type[] {Type.S32, Type.U32, Type.S64, Type.U64}) {
        String name = to.name().toLowerCase(java.util.Locale.ROOT);
        long wide = to.bytes == 8 ? Long.MIN_VALUE : 0;
        fromReal(
            "cvt." + m[0] + "." + name + ".f32 %d, %a;",
            to,
            Type.F32,
            x -> integer(x, mode, to, wide));
        long nan = to.bytes == 8 ? Long.MIN_VALUE : 0x80000000L;
        fromReal(
            "cvt." + m[0] + "." + name + ".f64 %d, %a;",
            to,
            Type.F64,
            x -> integer(x, mode, to, nan));
      }
    }
  }

  @Test
  void numbersToWholeNumbers() {
    fromReal("cvt.rni.f32.f32 %d, %a;", Type.F32, Type.F32, x -> bits(Math.rint(x), Type.F32));
    fromReal("cvt.rmi.f64.f64 %d, %a;", Type.F64, Type.F64, x -> bits(Math.floor(x), Type.F64));
    fromReal(
        "cvt.rzi.f64.f64 %d, %a;",
        Type.F64, Type.F64, x -> bits(x < 0 ? Math.ceil(x) : Math.floor(x), Type.F64));
    fromReal(
        "cvt.sat.f32.f32 %d, %a;",
        Type.F32, Type.F32, x -> bits(x > 0 ? Math.min(x, 1) : 0, Type.F32));
  }

  @Test
  void doublesToFloats() {
    fromReal("cvt.rn.f32.f64 %d, %a;", Type.F32, Type.F64, x -> bits((float) x, Type.F32));
    fromReal(
        "cvt.rz.f32.f64 %d, %a;",
        Type.F32,
        Type.F64,
        x -> {
          float f = (float) x;
          boolean tooFar = Math.abs((double) f) > Math.abs(x) && Double.isFinite(x);
          return bits(tooFar ? Math.nextAfter(f, 0) : f, Type.F32);
        });
    fromReal("cvt.f64.f32 %d, %a;", Type.F64, Type.F32, x -> bits(x, Type.F64));
  }

  @Test
  void integersToNumbers() {
    fromInteger("cvt.rn.f32.s32 %d, %a;", Type.F32, Type.S32, x -> bits((float) x, Type.F32));
    fromInteger("cvt.rn.f32.u32 %d, %a;", Type.F32, Type.U32, x -> bits((float) x, Type.F32));
    fromInteger(
        "cvt.rn.f32.s64 %d, %a;", Type.F32, Type.S64, x -> floatBits(BigInteger.valueOf(x)));
    fromInteger("cvt.rn.f32.u64 %d, %a;", Type.F32, Type.U64, x -> floatBits(unsigned(x)));
    fromInteger("cvt.rn.f64.s64 %d, %a;", Type.F64, Type.S64, x -> bits((double) x, Type.F64));
    fromInteger(
        "cvt.rn.f64.u64 %d, %a;",
        Type.F64, Type.U64, x -> bits(unsigned(x).doubleValue(), Type.F64));
    fromInteger("cvt.rn.f32.s8 %d, %a;", Type.F32, Type.S32, x -> bits((byte) x, Type.F32));
  }

  private static long floatBits(BigInteger x) {
    return Integer.toUnsignedLong(Float.floatToRawIntBits(x.floatValue()));
  }

  private static BigInteger unsigned(long x) {
    return new BigInteger(Long.toUnsignedString(x));
  }

  @Test
  void integersToIntegers() {
    fromInteger("cvt.s64.s32 %d, %a;", Type.S64, Type.S32, x -> x);
    fromInteger("cvt.u64.u32 %d, %a;", Type.U64, Type.U32, x -> x);
    fromInteger("cvt.u32.u64 %d, %a;", Type.U32, Type.U64, x -> x);
    fromInteger("cvt.s32.s8 %d, %a;", Type.S32, Type.U32, x -> (byte) x);
    fromInteger("cvt.u16.u32 %d, %a;", Type.U16, Type.U32, x -> x);
    // The upper bits of a wider register follow the type of the result.
    fromInteger("cvt.s8.s32 %d, %a;", Type.S32, Type.S32, x -> (byte) x);
    fromInteger("cvt.u8.s32 %d, %a;", Type.S32, Type.S32, x -> x & 0xff);
    fromInteger("cvt.sat.u8.s32 %d, %a;", Type.U32, Type.S32, x -> Math.max(0, Math.min(255, x)));
    fromInteger(
        "cvt.sat.s16.s64 %d, %a;", Type.S16, Type.S64, x -> Math.max(-32768, Math.min(32767, x)));
    fromInteger(
        "cvt.sat.s32.u64 %d, %a;",
        Type.S32, Type.U64, x -> x < 0 ? Integer.MAX_VALUE : Math.min(Integer.MAX_VALUE, x));
  }

  @Test
  void numbersToHalves() {
    fromReal("cvt.rn.f16.f32 %d, %a;", Type.F16, Type.F32, x -> half(x, 5, 10));
    fromReal("cvt.rn.bf16.f32 %d, %a;", Type.BF16, Type.F32, x -> half(x, 8, 7));
    fromReal(
        "cvt.rna.tf32.f32 %d, %a;",
        Type.B32,
        Type.F32,
        x -> {
          int bits = Float.floatToRawIntBits((float) x);
          return Float.isFinite((float) x) ? (bits + 0x1000) & ~0x1fff : bits;
        });
  }

  /** By search for the nearest among all values of the format. */
  private static long half(double x, int exponentBits, int fractionBits) {
    if (Double.isNaN(x)) {
      return 0x7fff;
    }
    long sign = Double.doubleToRawLongBits(x) >>> 63 << 15;
    int bias = (1 << (exponentBits - 1)) - 1;
    long infinity = ((1L << exponentBits) - 1) << fractionBits;
    long best = 0;
    double distance = Double.POSITIVE_INFINITY;
    for (long bits = 0; bits <= infinity; bits++) {
      long exponent = bits >> fractionBits;
      double fraction = bits & ((1L << fractionBits) - 1);
      double unit = Math.scalb(1.0, (int) Math.max(exponent, 1) - bias - fractionBits);
      // Infinity counts as the next value that the format would have.
      double value = (fraction + (exponent > 0 ? 1L << fractionBits : 0)) * unit;
      double off = Double.isInfinite(x) ? infinity - bits : Math.abs(value - Math.abs(x));
      boolean beats = off < distance || (off == distance && bits % 2 == 0);
      best = beats || (bits == infinity && Math.abs(x) > value) ? bits : best;
      distance = beats ? off : distance;
    }
    return sign | best;
  }

  @Test
  void halvesToNumbers() {
    for (int bits :
        new int[] {0, 0x8000, 1, 0x3ff, 0x400, 0x3c00, 0x7bff, 0x7c00, 0xfc00, 0x7e00}) {
      long got =
          new InstructionProbe("cvt.f32.f16 %d, %a;", Type.F32, Type.F16)
              .run(new long[][] {{bits}})[0];
      int exponent = bits >> 10 & 0x1f;
      double magnitude =
          exponent == 31
              ? (bits & 0x3ff) != 0 ? Double.NaN : Double.POSITIVE_INFINITY
              : (exponent == 0 ? bits & 0x3ff : (bits & 0x3ff) | 0x400)
                  * Math.pow(2, Math.max(exponent, 1) - 25);
      double expected = (bits & 0x8000) != 0 ? -magnitude : magnitude;
      assertEquals((Float) (float) expected, (Float) Float.intBitsToFloat((int) got));
    }
  }
}
