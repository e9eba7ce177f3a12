// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** Arithmetic in {@code .f16}, {@code .bf16} and their pairs, rounded once from the exact value. */
final class Halves {
  private Halves() {}

  /** Gives a result exactly, or rounded to an odd last bit of a double. */
  @FunctionalInterface
  private interface Each {
    double of(float a, float b, float c);
  }

  static boolean holds(Type type) {
    return switch (type) {
      case F16, BF16, F16X2, BF16X2 -> true;
      default -> false;
    };
  }

  static void decode(Assembler a, Statement s, Type type) {
    boolean pair = type == Type.F16X2 || type == Type.BF16X2;
    Type half = type == Type.F16X2 ? Type.F16 : type == Type.BF16X2 ? Type.BF16 : type;
    int[] x = Arithmetic.sources(a, s, type);
    Each op = operation(s);
    boolean sat = s.has("sat");
    boolean relu = s.has("relu");
    IntMath.Each each =
        (p, q, r) -> {
          double exact = op.of(widen(p, half), widen(q, half), widen(r, half));
          double clamped = sat ? FloatMath.saturate((float) exact) : exact;
          return narrow(relu && !(clamped > 0) ? 0 : clamped, half);
        };
    IntMath.Each whole =
        pair ? (p, q, r) -> each.of(p, q, r) | each.of(p >>> 16, q >>> 16, r >>> 16) << 16 : each;
    a.emit(s, new Loops.OnInts(IntMath.each(whole), a.target(s, 0, type), x[0], x[1], x[2]));
  }

  private static Each operation(Statement s) {
    return switch (s.opcode()) {
      case "add" -> (a, b, c) -> (double) a + b;
      case "sub" -> (a, b, c) -> (double) a - b;
      case "mul" -> (a, b, c) -> (double) a * b;
      case "fma" ->
          (a, b, c) -> {
            double product = (double) a * b;
            double sum = product + c;
            return Rounding.toOdd(sum, Rounding.error(product, c, sum));
          };
      case "neg" -> (a, b, c) -> -a;
      case "abs" -> (a, b, c) -> Math.abs(a);
      case "min" -> (a, b, c) -> FloatMath.min(a, b);
      case "max" -> (a, b, c) -> FloatMath.max(a, b);
      case "ex2" -> (a, b, c) -> Math.exp(a * Math.log(2));
      case "tanh" -> (a, b, c) -> Math.tanh(a);
      default -> throw s.unknown();
    };
  }

  /** The value of the low 16 bits. */
  static float widen(int bits, Type type) {
    return type == Type.BF16 ? Float.intBitsToFloat(bits << 16) : halfToFloat(bits & 0xffff);
  }

  private static float halfToFloat(int bits) {
    float sign = (bits & 0x8000) != 0 ? -1 : 1;
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0x1f) {
      return fraction != 0 ? Float.NaN : sign * Float.POSITIVE_INFINITY;
    }
    if (exponent == 0) {
      return sign * fraction * 0x1p-24f;
    }
    return sign * Math.scalb((float) (0x400 | fraction), exponent - 25);
  }

  /** The 16 bits nearest to {@code x}, ties to even; NaN is {@code 0x7fff}. */
  static int narrow(double x, Type type) {
    return narrow(x, type, Rounding.NEAREST);
  }

  /** The 16 bits of {@code x} in a rounding. */
  static int narrow(double x, Type type, Rounding mode) {
    if (Double.isNaN(x)) {
      return 0x7fff;
    }
    boolean bf16 = type == Type.BF16;
    int fractionBits = bf16 ? 7 : 10;
    int minExponent = bf16 ? -126 : -14;
    int bias = bf16 ? 127 : 15;
    int sign = 1 / x < 0 || x < 0 ? 0x8000 : 0;
    double magnitude = Math.abs(x);
    int infinity = (2 * bias + 1) << fractionBits;
    if (Double.isInfinite(x)) {
      return sign | infinity;
    }
    int exponent =
        Math.max(magnitude == 0 ? minExponent : Math.getExponent(magnitude), minExponent);
    // Units in the last place; a power of two, so this is exact.
    double units = magnitude * Math.scalb(1.0, fractionBits - exponent);
    double rounded =
        switch (mode) {
          case NEAREST -> Math.rint(units);
          case ZERO -> Math.floor(units);
          case UP -> sign == 0 ? Math.ceil(units) : Math.floor(units);
          case DOWN -> sign == 0 ? Math.floor(units) : Math.ceil(units);
        };
    // A carry out of the fraction moves on to the next exponent by itself.
    int bits = (int) rounded + ((exponent - minExponent) << fractionBits);
    if (bits >= infinity) {
      boolean toInfinity =
          mode == Rounding.NEAREST || mode == (sign == 0 ? Rounding.UP : Rounding.DOWN);
      return sign | (toInfinity ? infinity : infinity - 1);
    }
    return sign | bits;
  }
}
