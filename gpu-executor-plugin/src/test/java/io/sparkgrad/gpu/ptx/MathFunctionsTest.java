// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** CUDA's math library, with its tables, calls and slow paths, against Java's. */
class MathFunctionsTest {
  private static final int ERF = 3;

  /** More than NVIDIA documents for any of these functions, in units in the last place. */
  private static final double ULPS = 4;

  private static final double[] VALUES = {
    0.0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    2.5,
    -3.25,
    10,
    -20,
    1e-3,
    1e-8,
    80,
    -80,
    1e5,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    123456.75,
    3.14159,
    0.1,
    0.9,
    7,
    100,
    -100,
    1e30,
    0.3,
    0.25,
    -0.75,
    1.5,
    33,
    5,
    1e-40
  };

  /** The rows of {@code math_probes.cu}, in its order. */
  private static final List<DoubleUnaryOperator> FUNCTIONS =
      List.of(
          Math::exp,
          Math::log,
          Math::tanh,
          v -> v,
          v -> Math.pow(v, 1.75),
          Math::sin,
          Math::cos,
          Math::sqrt,
          v -> 1 / Math.sqrt(v),
          Math::log1p,
          Math::expm1,
          v -> Math.atan2(v, 2),
          Math::floor,
          Math::rint,
          v -> Math.fma(v, v, 1.0),
          v -> Double.isNaN(v) ? 1 : Math.min(v, 1),
          v -> Double.isNaN(v) ? 0 : Math.max(v, 0),
          v -> 1 / v,
          v -> v / 3.25,
          Math::tan,
          Math::cbrt,
          v -> Math.copySign(Math.floor(Math.abs(v) + 0.5), v),
          v -> v < 0 ? Math.ceil(v) : Math.floor(v),
          v -> v % 3,
          Math::asin,
          v -> Math.pow(2, v),
          v -> Math.log(v) / Math.log(2),
          Math::ceil,
          Math::cosh,
          v -> -Math.abs(v),
          v -> Double.isNaN(v) ? 1 : 0,
          v -> Double.isInfinite(v) ? 1 : 0,
          v -> Math.copySign(1, v) < 0 ? 1 : 0,
          Math::abs,
          v -> v * 8);

  private final Probes probes = new Probes("math_probes.ptx");

  @Test
  void ofFloats() {
    int n = VALUES.length;
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) VALUES[i];
    }
    long y = probes.memory().allocate(4L * n * FUNCTIONS.size());
    Arguments arguments = new Arguments().address(probes.put(x)).address(y).i32(n);
    probes.launch("floats", 2, 32, 0, arguments);
    float[] got = probes.floats(y, n * FUNCTIONS.size());
    for (int k = 0; k < FUNCTIONS.size(); k++) {
      for (int i = 0; k != ERF && i < n; i++) {
        float expected = (float) FUNCTIONS.get(k).applyAsDouble(x[i]);
        close(k, x[i], expected, got[k * n + i], Math.ulp(expected));
      }
    }
    assertEquals(0.5204999f, got[ERF * n + 4], 1e-7f);
  }

  @Test
  void ofDoubles() {
    int n = VALUES.length;
    long y = probes.memory().allocate(8L * n * FUNCTIONS.size());
    Arguments arguments = new Arguments().address(probes.put(VALUES)).address(y).i32(n);
    probes.launch("doubles", 2, 32, 0, arguments);
    double[] got = probes.doubles(y, n * FUNCTIONS.size());
    for (int k = 0; k < FUNCTIONS.size(); k++) {
      for (int i = 0; k != ERF && i < n; i++) {
        double expected = FUNCTIONS.get(k).applyAsDouble(VALUES[i]);
        close(k, VALUES[i], expected, got[k * n + i], Math.ulp(expected));
      }
    }
    assertEquals(0.5204998778130465, got[ERF * n + 4], 1e-15);
  }

  private static void close(int row, double x, double expected, double got, double ulp) {
    boolean same = Double.compare(expected, got) == 0 || expected == got;
    boolean near = Math.abs(expected - got) <= ULPS * ulp;
    assertTrue(same || near, "row " + row + " of " + x + ": " + expected + ", got " + got);
  }
}
