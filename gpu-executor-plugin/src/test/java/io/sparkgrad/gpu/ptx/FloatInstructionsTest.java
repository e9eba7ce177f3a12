// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class FloatInstructionsTest {
  private static final float[] FLOATS = {
    0f,
    -0f,
    1f,
    -1f,
    0.1f,
    -3.7f,
    1e-3f,
    12345.678f,
    1.0000001f,
    0.99999994f,
    2.5f,
    -2.5f,
    1e38f,
    -3e38f,
    Float.MAX_VALUE,
    Float.MIN_NORMAL,
    1e-40f,
    0x1p-130f,
    Float.MIN_VALUE,
    3e-39f,
    16777216f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  @FunctionalInterface
  private interface Floats {
    float of(float a, float b);
  }

  @FunctionalInterface
  private interface Doubles {
    double of(double a, double b);
  }

  private static long bits(float x) {
    return Integer.toUnsignedLong(Float.floatToRawIntBits(x));
  }

  private static void floats(String instruction, Floats expected) {
    List<long[]> rows = new ArrayList<>();
    for (float a : FLOATS) {
      for (float b : FLOATS) {
        rows.add(new long[] {bits(a), bits(b), bits(1e-3f)});
      }
    }
    long[] got =
        new InstructionProbe(instruction, Type.F32, Type.F32, Type.F32, Type.F32)
            .run(rows.toArray(new long[0][]));
    for (int i = 0; i < got.length; i++) {
      float a = FLOATS[i / FLOATS.length];
      float b = FLOATS[i % FLOATS.length];
      // Float.equals tells zeros apart and takes every NaN for the same.
      assertEquals(
          (Float) expected.of(a, b),
          (Float) Float.intBitsToFloat((int) got[i]),
          instruction + " of " + a + ", " + b);
    }
  }

  private static void doubles(String instruction, Doubles expected) {
    List<long[]> rows = new ArrayList<>();
    for (float a : FLOATS) {
      for (float b : FLOATS) {
        double[] values = {stretched(a), stretched(b), 1e-3};
        long[] row = new long[3];
        for (int k = 0; k < 3; k++) {
          row[k] = Double.doubleToRawLongBits(values[k]);
        }
        rows.add(row);
      }
    }
    long[] got =
        new InstructionProbe(instruction, Type.F64, Type.F64, Type.F64, Type.F64)
            .run(rows.toArray(new long[0][]));
    for (int i = 0; i < got.length; i++) {
      double a = stretched(FLOATS[i / FLOATS.length]);
      double b = stretched(FLOATS[i % FLOATS.length]);
      assertEquals(
          (Double) expected.of(a, b),
          (Double) Double.longBitsToDouble(got[i]),
          instruction + " of " + a + ", " + b);
    }
  }

  /** Doubles that are no floats. */
  private static double stretched(float x) {
    return x * 1.0000000001;
  }

  @Test
  void roundToNearest() {
    floats("add.f32 %d, %a, %b;", (a, b) -> a + b);
    floats("sub.f32 %d, %a, %b;", (a, b) -> a - b);
    floats("mul.f32 %d, %a, %b;", (a, b) -> a * b);
    floats("div.rn.f32 %d, %a, %b;", (a, b) -> a / b);
    floats("fma.rn.f32 %d, %a, %b, %c;", (a, b) -> Math.fma(a, b, 1e-3f));
    floats("sqrt.rn.f32 %d, %a;", (a, b) -> (float) Math.sqrt(a));
    floats("rcp.rn.f32 %d, %a;", (a, b) -> 1 / a);
    doubles("add.f64 %d, %a, %b;", (a, b) -> a + b);
    doubles("sub.f64 %d, %a, %b;", (a, b) -> a - b);
    doubles("mul.f64 %d, %a, %b;", (a, b) -> a * b);
    doubles("div.rn.f64 %d, %a, %b;", (a, b) -> a / b);
    doubles("fma.rn.f64 %d, %a, %b, %c;", (a, b) -> Math.fma(a, b, 1e-3));
    doubles("sqrt.rn.f64 %d, %a;", (a, b) -> Math.sqrt(a));
  }

  @Test
  void signsAndExtremes() {
    floats("neg.f32 %d, %a;", (a, b) -> -a);
    floats("abs.f32 %d, %a;", (a, b) -> Math.abs(a));
    // A NaN gives way to a number, and -0 is less than 0.
    floats("min.f32 %d, %a, %b;", (a, b) -> nanLess(a, b, Math.min(a, b)));
    floats("max.f32 %d, %a, %b;", (a, b) -> nanLess(a, b, Math.max(a, b)));
    floats("max.NaN.f32 %d, %a, %b;", Math::max);
    floats(
        "copysign.f32 %d, %a, %b;",
        (a, b) -> Float.isNaN(b) ? Float.NaN : Math.copySign(b, bits(a) >>> 31 == 0 ? 1 : -1));
    doubles(
        "min.f64 %d, %a, %b;",
        (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b));
  }

  private static float nanLess(float a, float b, float otherwise) {
    return Float.isNaN(a) ? b : Float.isNaN(b) ? a : otherwise;
  }

  @Test
  void saturationAndFlushing() {
    floats("add.sat.f32 %d, %a, %b;", (a, b) -> a + b > 0 ? Math.min(a + b, 1) : 0f);
    floats("mul.ftz.f32 %d, %a, %b;", (a, b) -> flushed(flushed(a) * flushed(b)));
    floats("add.ftz.f32 %d, %a, %b;", (a, b) -> flushed(flushed(a) + flushed(b)));
  }

  private static float flushed(float x) {
    return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0, x) : x;
  }

  @Test
  void directedRoundings() {
    Object[][] modes = {
      {"rz", RoundingMode.DOWN}, {"rm", RoundingMode.FLOOR}, {"rp", RoundingMode.CEILING}
    };
    for (Object[] m : modes) {
      RoundingMode mode = (RoundingMode) m[1];
      floats(
          "add." + m[0] + ".f32 %d, %a, %b;",
          (a, b) ->
              finite(a, b) ? round(exact(a).add(exact(b)), zeroSum(a, b, mode), mode) : a + b);
      floats(
          "mul." + m[0] + ".f32 %d, %a, %b;",
          (a, b) -> finite(a, b) ? round(exact(a).multiply(exact(b)), a * b, mode) : a * b);
      floats(
          "fma." + m[0] + ".f32 %d, %a, %b, %c;",
          (a, b) ->
              finite(a, b)
                  ? round(exact(a).multiply(exact(b)).add(exact(1e-3f)), zeroSum(1, -1, mode), mode)
                  : Math.fma(a, b, 1e-3f));
      floats(
          "div." + m[0] + ".f32 %d, %a, %b;",
          (a, b) ->
              finite(a, b) && a != 0 && b != 0
                  ? round(exact(a).divide(exact(b), new MathContext(250)), a / b, mode)
                  : a / b);
    }
  }

  private static boolean finite(float a, float b) {
    return Float.isFinite(a) && Float.isFinite(b);
  }

  private static BigDecimal exact(float x) {
    return new BigDecimal(x);
  }

  /** By search among the floats around the nearest one. */
  private static float round(BigDecimal x, float zero, RoundingMode mode) {
    if (x.signum() == 0) {
      return zero;
    }
    boolean up = mode == RoundingMode.CEILING || (mode == RoundingMode.DOWN && x.signum() < 0);
    float below = Float.NEGATIVE_INFINITY;
    float above = Float.POSITIVE_INFINITY;
    float f = x.floatValue();
    for (float candidate : new float[] {Math.nextDown(f), f, Math.nextUp(f)}) {
      if (Float.isFinite(candidate)) {
        int side = exact(candidate).compareTo(x);
        below = side <= 0 ? Math.max(below, candidate) : below;
        above = side >= 0 ? Math.min(above, candidate) : above;
      }
    }
    float rounded = up ? above : below;
    // From below zero the float above may be -0.
    return rounded == 0 ? Math.copySign(0, x.signum()) : rounded;
  }

  /** What a sum is that is exactly zero: rounding down, -0 unless both terms are 0. */
  private static float zeroSum(float a, float b, RoundingMode mode) {
    boolean bothZero = bits(a) == 0 && bits(b) == 0;
    return mode == RoundingMode.FLOOR && !bothZero ? -0f : a + b;
  }

  @Test
  void directedRoundingOfDoubles() {
    doubles(
        "add.rm.f64 %d, %a, %b;",
        (a, b) -> {
          double sum = a + b;
          if (!Double.isFinite(a) || !Double.isFinite(b)) {
            return sum;
          }
          BigDecimal exact = new BigDecimal(a).add(new BigDecimal(b));
          if (exact.signum() == 0) {
            return a == 0 && Double.compare(a, b) == 0 ? sum : -0.0;
          }
          return new BigDecimal(sum).compareTo(exact) > 0 ? Math.nextDown(sum) : sum;
        });
  }

  private static void approximates(String instruction, DoubleUnaryOperator exact) {
    floats(instruction, (a, b) -> (float) exact.applyAsDouble(a));
  }

  @Test
  void approximationsRoundTheExactValue() {
    approximates("rcp.approx.f32 %d, %a;", a -> 1 / a);
    approximates("sqrt.approx.f32 %d, %a;", Math::sqrt);
    approximates("rsqrt.approx.f32 %d, %a;", a -> a == 0 ? 1 / a : 1 / Math.sqrt(a));
    approximates("sin.approx.f32 %d, %a;", Math::sin);
    approximates("cos.approx.f32 %d, %a;", Math::cos);
    approximates("ex2.approx.f32 %d, %a;", a -> Math.pow(2, a));
    approximates("lg2.approx.f32 %d, %a;", a -> Math.log(a) / Math.log(2));
    approximates("tanh.approx.f32 %d, %a;", Math::tanh);
    // Divisors beyond 2^126 have no reciprocal that is normal.
    floats(
        "div.approx.f32 %d, %a, %b;",
        (a, b) ->
            Math.abs(b) > 0x1p126f && !Float.isInfinite(b) && Float.isFinite(a)
                ? 0 * Math.signum(b) * Math.copySign(1, a)
                : Math.abs(b) > 0x1p126f && !Float.isInfinite(b) ? Float.NaN : a / b);
  }

  @Test
  void comparisonsAndTests() {
    String keep = " selp.f32 %d, 0f3F800000, 0f00000000, %q;";
    floats("setp.lt.f32 %q, %a, %b;" + keep, (a, b) -> a < b ? 1 : 0);
    floats("setp.ne.f32 %q, %a, %b;" + keep, (a, b) -> a < b || a > b ? 1 : 0);
    floats("setp.neu.f32 %q, %a, %b;" + keep, (a, b) -> a != b ? 1 : 0);
    floats("setp.geu.f32 %q, %a, %b;" + keep, (a, b) -> a < b ? 0 : 1);
    floats(
        "setp.nan.f32 %q, %a, %b;" + keep, (a, b) -> Float.isNaN(a + b * 0) && nan(a, b) ? 1 : 0);
    floats("setp.num.f32 %q, %a, %b;" + keep, (a, b) -> nan(a, b) ? 0 : 1);
    floats("testp.subnormal.f32 %q, %a;" + keep, (a, b) -> flushed(a) != a && !nan(a, a) ? 1 : 0);
    floats("testp.finite.f32 %q, %a;" + keep, (a, b) -> Float.isFinite(a) ? 1 : 0);
    floats("set.gt.f32.f32 %d, %a, %b;", (a, b) -> a > b ? 1 : 0);
  }

  private static boolean nan(float a, float b) {
    return Float.isNaN(a) || Float.isNaN(b);
  }

  @Test
  void anUnknownModifierOfAKnownOpcodeIsRefusedToo() {
    assertThrows(
        PtxSyntaxException.class,
        () -> new InstructionProbe("sin.rz.f32 %d, %a;", Type.F32, Type.F32));
  }
}
