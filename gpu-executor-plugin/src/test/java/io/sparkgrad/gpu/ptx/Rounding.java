// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** The directed roundings, and how exact results come to them. */
enum Rounding {
  NEAREST,
  ZERO,
  DOWN,
  UP;

  /** The rounding that an instruction names; {@code .rn} if none. */
  static Rounding of(Statement s) {
    for (String part : s.parts()) {
      switch (part) {
        case "rz", "rzi" -> {
          return ZERO;
        }
        case "rm", "rmi" -> {
          return DOWN;
        }
        case "rp", "rpi" -> {
          return UP;
        }
        default -> {
          // Says nothing of rounding.
        }
      }
    }
    return NEAREST;
  }

  /** An exact double as a float. */
  float toFloat(double x) {
    float nearest = (float) x;
    if (this == NEAREST || nearest == x || Double.isNaN(x)) {
      return nearest;
    }
    if (Float.isInfinite(nearest) && !Double.isInfinite(x)) {
      boolean away = this == (x > 0 ? UP : DOWN);
      return away ? nearest : Math.copySign(Float.MAX_VALUE, nearest);
    }
    return switch (this) {
      case DOWN -> nearest > x ? Math.nextDown(nearest) : nearest;
      case UP -> nearest < x ? Math.nextUp(nearest) : nearest;
      default -> Math.abs(nearest) > Math.abs(x) ? Math.nextAfter(nearest, 0) : nearest;
    };
  }

  /** {@code a + b} of doubles that hold floats or products of two, rounded once to a float. */
  float sum(double a, double b) {
    double sum = a + b;
    if (sum == 0) {
      // Of two zeros that differ in sign, or of opposites, rounding down makes -0.
      boolean alike = a == 0 && b == 0 && 1 / a == 1 / b;
      boolean negative = alike ? 1 / a < 0 : this == DOWN;
      return negative ? -0f : 0f;
    }
    return toFloat(toOdd(sum, error(a, b, sum)));
  }

  /** What {@code sum} lacks of {@code a + b} (Knuth's TwoSum). */
  static double error(double a, double b, double sum) {
    double part = sum - a;
    double error = (a - (sum - part)) + (b - part);
    return Double.isFinite(sum) ? error : 0;
  }

  /**
   * The double next to the exact {@code sum + error} whose last bit is odd, unless it is exact:
   * then rounding it to fewer bits gives what rounding the exact value would.
   */
  static double toOdd(double sum, double error) {
    if (error == 0 || (Double.doubleToRawLongBits(sum) & 1) != 0) {
      return sum;
    }
    return error > 0 ? Math.nextUp(sum) : Math.nextDown(sum);
  }

  float quotient(float a, float b) {
    double quotient = (double) a / b;
    boolean finite = Double.isFinite(quotient) && Float.isFinite(b);
    double rest = finite ? -Math.fma(quotient, b, -(double) a) : 0;
    return toFloat(toOdd(quotient, b < 0 ? -rest : rest));
  }

  float root(float a) {
    double root = Math.sqrt(a);
    double rest = Double.isFinite(root) ? -Math.fma(root, root, -(double) a) : 0;
    return toFloat(toOdd(root, rest));
  }

  /** A finite exact value as a double; {@code zero} is what an exact zero becomes. */
  double toDouble(BigDecimal exact, double zero) {
    if (exact.signum() == 0) {
      return zero;
    }
    double nearest = exact.doubleValue();
    if (this == NEAREST) {
      return nearest;
    }
    boolean up = this == UP || (this == ZERO && exact.signum() < 0);
    if (Double.isInfinite(nearest)) {
      boolean away = up == nearest > 0 && this != ZERO;
      return away ? nearest : Math.copySign(Double.MAX_VALUE, nearest);
    }
    int side = new BigDecimal(nearest).compareTo(exact);
    if (up) {
      return side < 0 ? Math.nextUp(nearest) : nearest;
    }
    return side > 0 ? Math.nextDown(nearest) : nearest;
  }

  /** Enough digits that cutting the rest does not change the rounding to a double. */
  static BigDecimal divide(double a, double b) {
    return new BigDecimal(a)
        .divide(new BigDecimal(b), new MathContext(800, RoundingMode.HALF_EVEN));
  }
}
