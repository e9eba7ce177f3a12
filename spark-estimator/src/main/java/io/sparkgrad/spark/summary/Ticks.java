// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The marks of an axis: multiples {@code first … last} of a step that is 1, 2 or 5 times a power of
 * ten (Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990).
 */
record Ticks(double step, long first, long last) {
  private static final MathContext SIX_DIGITS = new MathContext(6);

  /** About so many steps, from the last mark at or below {@code min} to the first from max on. */
  static Ticks around(double min, double max, int steps) {
    double reach = max > min ? max - min : max == 0 ? 1 : Math.abs(max);
    double middle = (min + max) / 2;
    double step = nice(reach / steps);
    double low = max > min ? min : middle - step;
    double high = max > min ? max : middle + step;
    // Not a further step for a rounding error.
    return new Ticks(
        step, (long) Math.floor(low / step + 1e-9), (long) Math.ceil(high / step - 1e-9));
  }

  /** About so many steps of whole numbers, all within {@code min … max}. */
  static Ticks within(int min, int max, int steps) {
    double step = Math.max(1, nice((double) (max - min) / steps));
    return new Ticks(step, (long) Math.ceil(min / step), (long) Math.floor(max / step));
  }

  private static double nice(double rough) {
    if (!(rough > 0)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double part = rough / power;
    return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
  }

  double from() {
    return first * step;
  }

  double to() {
    return last * step;
  }

  List<Double> values() {
    return LongStream.rangeClosed(first, last).mapToObj(i -> i * step).toList();
  }

  /** Short: {@code 0.25}, {@code 2000}, {@code 5e-6}. */
  static String label(double value) {
    BigDecimal number = BigDecimal.valueOf(value).round(SIX_DIGITS).stripTrailingZeros();
    double size = Math.abs(value);
    if (number.signum() == 0 || (size >= 1e-4 && size < 1e6)) {
      return number.toPlainString();
    }
    int exponent = number.precision() - number.scale() - 1;
    return number.scaleByPowerOfTen(-exponent).stripTrailingZeros().toPlainString()
        + "e"
        + exponent;
  }
}
