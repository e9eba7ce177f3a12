// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.math.BigDecimal;

/** Arithmetic in {@code .f64}. */
final class DoubleMath {
  private static final long UPPER_HALF = 0xffff_ffff_0000_0000L;

  private DoubleMath() {}

  @FunctionalInterface
  interface Each {
    double of(double a, double b, double c);
  }

  /** What the opcode and its modifiers compute. */
  static Loops.Doubles loop(Statement s) {
    if (s.has("rz") || s.has("rm") || s.has("rp")) {
      return directed(s);
    }
    return switch (s.opcode()) {
      case "add" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = a[i] + b[i];
            }
          };
      case "sub" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = a[i] - b[i];
            }
          };
      case "mul" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = a[i] * b[i];
            }
          };
      case "fma", "mad" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = Math.fma(a[i], b[i], c[i]);
            }
          };
      case "div" -> each((a, b, c) -> a / b);
      case "rcp" -> each(s.has("approx") ? (a, b, c) -> upper(1 / flush(a)) : (a, b, c) -> 1 / a);
      case "sqrt" -> each((a, b, c) -> Math.sqrt(a));
      case "rsqrt" ->
          each(
              s.has("ftz")
                  ? (a, b, c) -> upper(1 / Math.sqrt(flush(a)))
                  : (a, b, c) -> 1 / Math.sqrt(a));
      case "abs" -> each((a, b, c) -> Math.abs(a));
      case "neg" -> each((a, b, c) -> -a);
      case "copysign" -> each((a, b, c) -> copySign(b, a));
      case "min" -> each((a, b, c) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b));
      case "max" -> each((a, b, c) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b));
      default -> throw s.unknown();
    };
  }

  static Loops.Doubles each(Each op) {
    return (d, a, b, c) -> {
      for (int i = 0; i < 32; i++) {
        d[i] = op.of(a[i], b[i], c[i]);
      }
    };
  }

  private static Loops.Doubles directed(Statement s) {
    Rounding mode = Rounding.of(s);
    return each(
        switch (s.opcode()) {
          case "add" -> (a, b, c) -> sum(mode, a, b, a + b);
          case "sub" -> (a, b, c) -> sum(mode, a, -b, a - b);
          case "mul" -> (a, b, c) -> product(mode, a, b, 0, a * b);
          case "fma", "mad" -> (a, b, c) -> product(mode, a, b, c, Math.fma(a, b, c));
          case "div" -> (a, b, c) -> quotient(mode, a, b);
          case "rcp" -> (a, b, c) -> quotient(mode, 1, a);
          default -> throw s.unknown();
        });
  }

  private static double sum(Rounding mode, double a, double b, double nearest) {
    if (!Double.isFinite(a) || !Double.isFinite(b)) {
      return nearest;
    }
    boolean opposite = a != 0 || 1 / a != 1 / b;
    return mode.toDouble(
        new BigDecimal(a).add(new BigDecimal(b)),
        mode == Rounding.DOWN && opposite ? -0.0 : nearest);
  }

  private static double product(Rounding mode, double a, double b, double c, double nearest) {
    if (!Double.isFinite(a) || !Double.isFinite(b) || !Double.isFinite(c)) {
      return nearest;
    }
    BigDecimal exact = new BigDecimal(a).multiply(new BigDecimal(b)).add(new BigDecimal(c));
    boolean cancels = c != 0 && exact.signum() == 0;
    return mode.toDouble(exact, cancels && mode == Rounding.DOWN ? -0.0 : nearest);
  }

  private static double quotient(Rounding mode, double a, double b) {
    if (!Double.isFinite(a) || !Double.isFinite(b) || a == 0 || b == 0) {
      return a / b;
    }
    return mode.toDouble(Rounding.divide(a, b), a / b);
  }

  /** What approximations keep: their lower half is zero, as that of the hardware is. */
  private static double upper(double x) {
    return Double.longBitsToDouble(Double.doubleToRawLongBits(x) & UPPER_HALF);
  }

  private static double flush(double x) {
    return Math.abs(x) < Double.MIN_NORMAL ? Math.copySign(0, x) : x;
  }

  private static double copySign(double magnitude, double sign) {
    long bits = Double.doubleToRawLongBits(magnitude) & Long.MAX_VALUE;
    return Double.longBitsToDouble(bits | (Double.doubleToRawLongBits(sign) & Long.MIN_VALUE));
  }
}
