// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** Arithmetic in {@code .f32}. */
final class FloatMath {
  private static final double LN2 = Math.log(2);
  private static final double SHIFT = 0x1.8p52;

  private FloatMath() {}

  @FunctionalInterface
  interface Each {
    float of(float a, float b, float c);
  }

  /** What the opcode and its modifiers compute. */
  static Loops.Floats loop(Statement s) {
    Loops.Floats loop = s.has("rz") || s.has("rm") || s.has("rp") ? directed(s) : nearest(s);
    if (s.has("sat")) {
      loop = saturated(loop);
    }
    return s.has("ftz") ? flushed(loop) : loop;
  }

  private static Loops.Floats nearest(Statement s) {
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
      case "div" -> each(s.has("approx") ? FloatMath::divApprox : (a, b, c) -> a / b);
      case "rcp" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = 1 / a[i];
            }
          };
      case "sqrt" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = (float) Math.sqrt(a[i]);
            }
          };
      case "rsqrt" -> each((a, b, c) -> a == 0 ? 1 / a : (float) (1 / Math.sqrt(a)));
      case "ex2" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = exp2(a[i]);
            }
          };
      case "lg2" -> each((a, b, c) -> (float) (Math.log(a) / LN2));
      case "sin" -> each((a, b, c) -> (float) Math.sin(a));
      case "cos" -> each((a, b, c) -> (float) Math.cos(a));
      case "tanh" -> each((a, b, c) -> (float) Math.tanh(a));
      case "abs" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = Math.abs(a[i]);
            }
          };
      case "neg" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = -a[i];
            }
          };
      case "copysign" -> each((a, b, c) -> copySign(b, a));
      case "min" -> each(s.has("NaN") ? (a, b, c) -> Math.min(a, b) : (a, b, c) -> min(a, b));
      case "max" ->
          s.has("NaN")
              ? each((a, b, c) -> Math.max(a, b))
              : (d, a, b, c) -> {
                for (int i = 0; i < 32; i++) {
                  d[i] = max(a[i], b[i]);
                }
              };
      default -> throw s.unknown();
    };
  }

  private static Loops.Floats directed(Statement s) {
    Rounding mode = Rounding.of(s);
    return each(
        switch (s.opcode()) {
          case "add" -> (a, b, c) -> mode.sum(a, b);
          case "sub" -> (a, b, c) -> mode.sum(a, -b);
          case "mul" -> (a, b, c) -> mode.toFloat((double) a * b);
          case "fma", "mad" -> (a, b, c) -> mode.sum((double) a * b, c);
          case "div" -> (a, b, c) -> mode.quotient(a, b);
          case "rcp" -> (a, b, c) -> mode.quotient(1, a);
          case "sqrt" -> (a, b, c) -> mode.root(a);
          default -> throw s.unknown();
        });
  }

  static Loops.Floats each(Each op) {
    return (d, a, b, c) -> {
      for (int i = 0; i < 32; i++) {
        d[i] = op.of(a[i], b[i], c[i]);
      }
    };
  }

  private static Loops.Floats saturated(Loops.Floats loop) {
    return (d, a, b, c) -> {
      loop.run(d, a, b, c);
      for (int i = 0; i < 32; i++) {
        d[i] = saturate(d[i]);
      }
    };
  }

  /** Denormals become zeros of their sign, in operands and results. */
  private static Loops.Floats flushed(Loops.Floats loop) {
    return (d, a, b, c) -> {
      loop.run(d, flush(a, new float[32]), flush(b, new float[32]), flush(c, new float[32]));
      flush(d, d);
    };
  }

  private static float[] flush(float[] from, float[] to) {
    for (int i = 0; i < 32; i++) {
      to[i] = flush(from[i]);
    }
    return to;
  }

  static float flush(float x) {
    return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0, x) : x;
  }

  /** To 0 … 1; NaN becomes 0. */
  static float saturate(float x) {
    return x > 0 ? Math.min(x, 1) : 0;
  }

  /** The hardware multiplies by a reciprocal, which is zero for divisors beyond 2¹²⁶. */
  private static float divApprox(float a, float b, float c) {
    if (Math.abs(b) > 0x1p126f && Float.isFinite(b)) {
      return Float.isFinite(a) ? Math.copySign(0, a) * Math.signum(b) : Float.NaN;
    }
    return a / b;
  }

  private static float copySign(float magnitude, float sign) {
    int bits = Float.floatToRawIntBits(magnitude) & Integer.MAX_VALUE;
    return Float.intBitsToFloat(bits | (Float.floatToRawIntBits(sign) & Integer.MIN_VALUE));
  }

  /** The smaller; of a number and a NaN, the number. */
  static float min(float a, float b) {
    if (Float.isNaN(a)) {
      return b;
    }
    return Float.isNaN(b) ? a : Math.min(a, b);
  }

  /** The larger; of a number and a NaN, the number. */
  static float max(float a, float b) {
    if (Float.isNaN(a)) {
      return b;
    }
    return Float.isNaN(b) ? a : Math.max(a, b);
  }

  /**
   * 2ˣ, off by less than 10⁻¹¹ of it before it is rounded to a float: the Taylor series of 2ᶠ for
   * |f| ≤ ½, where x = k + f. Exact where x is whole. Several times as fast as {@link Math#exp}.
   */
  static float exp2(float x) {
    double bounded = x > 160 ? 160 : x < -160 ? -160 : x;
    // In this sum the units are the lowest bit: it is rounded, and its low bits are k.
    double shifted = bounded + SHIFT;
    double t = (bounded - (shifted - SHIFT)) * LN2;
    double sum = 1 + t * (1.0 / 9);
    sum = 1 + t * (1.0 / 8) * sum;
    sum = 1 + t * (1.0 / 7) * sum;
    sum = 1 + t * (1.0 / 6) * sum;
    sum = 1 + t * (1.0 / 5) * sum;
    sum = 1 + t * (1.0 / 4) * sum;
    sum = 1 + t * (1.0 / 3) * sum;
    sum = 1 + t * (1.0 / 2) * sum;
    sum = 1 + t * sum;
    return (float)
        (sum * Double.longBitsToDouble((Double.doubleToRawLongBits(shifted) + 1023) << 52));
  }
}
