// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

/**
 * {@code erf} to a few units in the last place. From 6 on it is 1 in double precision; below, it is
 * developed into a Taylor polynomial around the nearest multiple of 1/8, whose coefficients are
 * computed once. At most 1/16 from its centre the term left out first is below 1e-17.
 */
final class ErrorFunction {
  private static final int PER_UNIT = 8;
  private static final int END = 6;
  private static final int TERMS = 13;
  private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

  private static final double[][] COEFFICIENTS = coefficients();

  private ErrorFunction() {}

  static double of(double x) {
    double magnitude = Math.abs(x);
    if (magnitude >= END) {
      return Math.signum(x);
    }
    int centre = (int) Math.rint(magnitude * PER_UNIT); // 0 for NaN, which stays NaN below
    double h = magnitude - (double) centre / PER_UNIT;
    double[] c = COEFFICIENTS[centre];
    double y = c[TERMS];
    for (int n = TERMS - 1; n >= 0; n--) {
      y = y * h + c[n];
    }
    return Math.copySign(y, x);
  }

  private static double[][] coefficients() {
    double[][] table = new double[END * PER_UNIT + 1][];
    for (int i = 0; i < table.length; i++) {
      table[i] = around((double) i / PER_UNIT);
    }
    return table;
  }

  /**
   * From {@code erf' = d = 2/√π·e^(−x²)} and {@code d' = −2·x·d}: the coefficients of d obey {@code
   * (n+1)·d[n+1] = −2·(c·d[n] + d[n−1])}, and erf's are their integrals.
   */
  private static double[] around(double c) {
    double[] y = new double[TERMS + 1];
    y[0] = series(c);
    double before = 0;
    double d = TWO_OVER_ROOT_PI * Math.exp(-c * c);
    for (int n = 0; n < TERMS; n++) {
      y[n + 1] = d / (n + 1);
      double next = -2 * (c * d + before) / (n + 1);
      before = d;
      d = next;
    }
    return y;
  }

  /** {@code 2/√π·e^(−x²)·Σ 2ⁿx²ⁿ⁺¹/(1·3·…·(2n+1))}: no term is negative, so nothing cancels. */
  private static double series(double x) {
    double term = x;
    double sum = 0;
    for (int n = 0; sum + term != sum; n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 3);
    }
    return TWO_OVER_ROOT_PI * Math.exp(-x * x) * sum;
  }
}
