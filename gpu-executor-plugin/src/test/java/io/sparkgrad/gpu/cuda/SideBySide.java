// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import java.util.Arrays;
import java.util.List;

/** Does the same on the {@code java} backend and, twice, on another one, and compares. */
record SideBySide(Backend tested) {
  /** Calls kernels on fresh buffers of the backend and hands out what they wrote. */
  interface Scenario {
    List<Buffer> on(Backend backend);
  }

  /**
   * All results agree to {@code tolerance}, relative to the larger of 1 and the expected value; NaN
   * and infinities are the same; a second run has the same bits.
   */
  void agree(String what, double tolerance, Scenario scenario) {
    List<double[]> expected = values(scenario.on(Backends.byName("java")));
    List<double[]> actual = values(scenario.on(tested));
    for (int r = 0; r < expected.size(); r++) {
      double[] e = expected.get(r);
      double[] a = actual.get(r);
      assertEquals(e.length, a.length, what);
      for (int i = 0; i < e.length; i++) {
        if (Double.compare(e[i], a[i]) != 0) {
          double allowed = tolerance * Math.max(1, Math.abs(e[i]));
          assertEquals(e[i], a[i], allowed, "%s, result %d at %d".formatted(what, r, i));
        }
      }
    }
    List<double[]> again = values(scenario.on(tested));
    for (int r = 0; r < actual.size(); r++) {
      assertArrayEquals(actual.get(r), again.get(r), what + ": the same bits");
    }
  }

  private static List<double[]> values(List<Buffer> results) {
    return results.stream().map(SideBySide::values).toList();
  }

  static double[] values(Buffer buffer) {
    double[] values = new double[Math.toIntExact(buffer.length())];
    buffer.backend().download(buffer, values);
    return values;
  }

  static Buffer buffer(Backend backend, DType dtype, double... values) {
    Buffer buffer = backend.allocate(dtype, values.length);
    backend.upload(values, buffer);
    return buffer;
  }

  /** An output that was used before. */
  static Buffer dirty(Backend backend, DType dtype, int length) {
    Buffer buffer = backend.allocate(dtype, length);
    backend.fill(buffer, dtype.isFloatingPoint() ? Double.NaN : 99);
    return buffer;
  }

  /** Numbers in [-1, 1) that FLOAT32 holds exactly. */
  static double[] random(long seed, int length) {
    Generator generator = new Generator(seed);
    double[] values = new double[length];
    Arrays.setAll(values, i -> (float) (2 * generator.nextDouble() - 1));
    return values;
  }

  static Buffer random(Backend backend, DType dtype, long seed, int length) {
    return buffer(backend, dtype, random(seed, length));
  }

  /** What rounding may do: FLOAT32 or FLOAT64 with some hundred units in the last place. */
  static double tolerance(DType dtype) {
    return dtype == DType.FLOAT32 ? 3e-5 : 1e-13;
  }
}
