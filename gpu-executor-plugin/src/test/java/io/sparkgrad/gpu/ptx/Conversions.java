// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Map;

/** {@code cvt}. */
final class Conversions {
  private Conversions() {}

  static void register(Map<String, Decoder> decoders) {
    decoders.put("cvt", Conversions::decode);
  }

  /** A lane's value as an integer, extended by its type. */
  @FunctionalInterface
  private interface Integral {
    long of(Warp w, int lane);
  }

  /** A lane's value as a floating-point number. */
  @FunctionalInterface
  private interface Real {
    double of(Warp w, int lane);
  }

  private static void decode(Assembler a, Statement s) {
    Type to = s.type(1);
    Type from = s.type();
    if (to == Type.F16X2 || to == Type.BF16X2) {
      pair(a, s, to == Type.F16X2 ? Type.F16 : Type.BF16);
    } else if (to == Type.TF32) {
      tf32(a, s);
    } else if (to.isFloat()) {
      toFloat(a, s, to, from.isFloat() ? real(a, s, from) : exact(a, s, from), from);
    } else if (from.isFloat()) {
      toInteger(a, s, to, from);
    } else {
      Integral x = integral(a, s, from);
      boolean sat = s.has("sat");
      write(a, s, to, (w, i) -> sat ? clamp(x.of(w, i), from, to) : x.of(w, i));
    }
  }

  private static Integral integral(Assembler a, Statement s, Type from) {
    int x = a.source(s, 1, from);
    if (from.bytes == 8) {
      return (w, i) -> w.l[x][i];
    }
    if (from.bytes < 4) {
      return from.signed()
          ? (w, i) -> IntMath.extend(w.r[x][i], from)
          : (w, i) -> IntMath.extend(w.r[x][i], from) & 0xffff;
    }
    return from.signed() ? (w, i) -> w.r[x][i] : (w, i) -> Integer.toUnsignedLong(w.r[x][i]);
  }

  private static Real real(Assembler a, Statement s, Type from) {
    int x = a.source(s, 1, from);
    boolean ftz = s.has("ftz");
    return switch (from) {
      case F32 -> ftz ? (w, i) -> FloatMath.flush(w.f[x][i]) : (w, i) -> w.f[x][i];
      case F64 -> (w, i) -> w.d[x][i];
      case F16, BF16 -> (w, i) -> Halves.widen(w.r[x][i], from);
      default -> throw s.unknown();
    };
  }

  /**
   * An integer as a double from which rounding to fewer bits gives what rounding the integer would.
   */
  private static Real exact(Assembler a, Statement s, Type from) {
    Integral x = integral(a, s, from);
    if (from.bytes < 8) {
      return (w, i) -> x.of(w, i);
    }
    if (s.type(1) == Type.F64) {
      if (Rounding.of(s) != Rounding.NEAREST) {
        throw s.unknown();
      }
      return from.signed() ? (w, i) -> (double) x.of(w, i) : (w, i) -> unsigned(x.of(w, i));
    }
    return (w, i) -> exact(x.of(w, i), from);
  }

  private static double exact(long x, Type from) {
    boolean huge = !from.signed() && x < 0;
    double nearest = huge ? unsigned(x) : (double) x;
    boolean up = nearest >= (huge ? 0x1p64 : 0x1p63);
    long rest = up ? -1 : x - (huge ? unsignedLong(nearest, from) : (long) nearest);
    return Rounding.toOdd(nearest, rest);
  }

  private static double unsigned(long x) {
    return x >= 0 ? (double) x : 2.0 * ((x >>> 1) | (x & 1));
  }

  private static void toFloat(Assembler a, Statement s, Type to, Real x, Type from) {
    Real rounded = to == from && integerRounding(s) ? (w, i) -> whole(s, x.of(w, i)) : x;
    Rounding mode = Rounding.of(s);
    boolean sat = s.has("sat");
    boolean ftz = s.has("ftz");
    int y = a.target(s, 0, to);
    switch (to) {
      case F32 ->
          a.emit(
              s,
              Moves.masked(
                  (w, i) -> {
                    float value = mode.toFloat(rounded.of(w, i));
                    float clamped = sat ? FloatMath.saturate(value) : value;
                    w.f[y][i] = ftz ? FloatMath.flush(clamped) : clamped;
                  }));
      case F64 ->
          a.emit(
              s,
              Moves.masked(
                  (w, i) -> {
                    double value = rounded.of(w, i);
                    w.d[y][i] = sat ? value > 0 ? Math.min(value, 1) : 0 : value;
                  }));
      case F16, BF16 -> {
        boolean relu = s.has("relu");
        a.emit(
            s,
            Moves.masked(
                (w, i) -> {
                  double value = rounded.of(w, i);
                  double clamped = sat ? FloatMath.saturate((float) value) : value;
                  w.r[y][i] = Halves.narrow(relu && clamped < 0 ? 0 : clamped, to, mode);
                }));
      }
      default -> throw s.unknown();
    }
  }

  private static boolean integerRounding(Statement s) {
    return s.has("rni") || s.has("rzi") || s.has("rmi") || s.has("rpi");
  }

  /** Rounds to an integer. */
  private static double whole(Statement s, double x) {
    return switch (Rounding.of(s)) {
      case NEAREST -> Math.rint(x);
      case ZERO -> x < 0 ? Math.ceil(x) : Math.floor(x);
      case DOWN -> Math.floor(x);
      case UP -> Math.ceil(x);
    };
  }

  /** Results beyond the type's range become its nearest end; NaN becomes 0, or 2⁶³ of 64 bits. */
  private static void toInteger(Assembler a, Statement s, Type to, Type from) {
    Real x = real(a, s, from);
    boolean wide = from == Type.F64 || to.bytes == 8;
    long nan =
        wide && to.bytes == 8 ? Long.MIN_VALUE : from == Type.F64 ? 1L << (to.bits() - 1) : 0;
    write(
        a,
        s,
        to,
        (w, i) -> {
          double value = whole(s, x.of(w, i));
          if (Double.isNaN(value)) {
            return nan;
          }
          if (!to.signed()) {
            return value >= 0x1p63 ? unsignedLong(value, to) : clamp((long) value, Type.S64, to);
          }
          return clamp((long) value, Type.S64, to);
        });
  }

  private static long unsignedLong(double value, Type to) {
    if (to.bytes < 8 || value >= 0x1p64) {
      return -1L >>> (64 - to.bits());
    }
    return (long) (value - 0x1p63) + Long.MIN_VALUE;
  }

  /** Into the range of {@code to}. */
  private static long clamp(long value, Type from, Type to) {
    boolean huge = from == Type.U64 && value < 0;
    if (to.signed()) {
      long max = -1L >>> (65 - to.bits());
      return huge ? max : Math.max(-max - 1, Math.min(max, value));
    }
    if (huge || to.bytes == 8) {
      return huge && to.bytes == 8 ? value : huge ? -1L >>> (64 - to.bits()) : Math.max(0, value);
    }
    return Math.max(0, Math.min(-1L >>> (64 - to.bits()), value));
  }

  /** Writes the low bits that {@code to} has, extended to the width of the register. */
  private static void write(Assembler a, Statement s, Type to, Integral value) {
    Type held = a.declared(s.operand(0)).filter(t -> t.bytes > to.bytes).orElse(to);
    int unused = 64 - to.bits();
    boolean signed = to.signed();
    if (held.storage == Type.Storage.LONG) {
      int y = a.target(s, 0, held);
      a.emit(
          s,
          Moves.masked(
              (w, i) -> {
                long bits = value.of(w, i) << unused;
                w.l[y][i] = signed ? bits >> unused : bits >>> unused;
              }));
      return;
    }
    int y = a.target(s, 0, to.bytes == 4 ? to : Type.B32);
    int mask = held.bytes == 4 ? -1 : (1 << held.bits()) - 1;
    a.emit(
        s,
        Moves.masked(
            (w, i) -> {
              long bits = value.of(w, i) << unused;
              w.r[y][i] = (int) (signed ? bits >> unused : bits >>> unused) & mask;
            }));
  }

  /** {@code cvt.rn.f16x2.f32 d, a, b}: {@code a} becomes the upper half. */
  private static void pair(Assembler a, Statement s, Type half) {
    int upper = a.source(s, 1, Type.F32);
    int lower = a.source(s, 2, Type.F32);
    int y = a.target(s, 0, Type.B32);
    Rounding mode = Rounding.of(s);
    boolean relu = s.has("relu");
    a.emit(
        s,
        Moves.masked(
            (w, i) -> {
              float high = w.f[upper][i];
              float low = w.f[lower][i];
              int bits = Halves.narrow(relu && high < 0 ? 0 : high, half, mode) << 16;
              w.r[y][i] = bits | Halves.narrow(relu && low < 0 ? 0 : low, half, mode);
            }));
  }

  /** Rounds to the 10 bits of fraction that the tensor cores take; {@code .rna} ties go away. */
  private static void tf32(Assembler a, Statement s) {
    int x = a.source(s, 1, Type.F32);
    int y = a.target(s, 0, Type.B32);
    boolean away = s.has("rna");
    a.emit(
        s,
        Moves.masked(
            (w, i) -> {
              float value = w.f[x][i];
              int bits = Float.floatToRawIntBits(value);
              int half = away ? 0x1000 : 0x0fff + ((bits >> 13) & 1);
              w.r[y][i] = Float.isFinite(value) ? (bits + half) & ~0x1fff : bits;
            }));
  }
}
