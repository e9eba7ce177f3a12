// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Generator;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the parts of the contract share. Kernels are compared with loops written in the test, in
 * double precision, on inputs that FLOAT32 holds exactly; outputs are full of NaN beforehand, since
 * a kernel may not rely on zeros there.
 */
interface BackendContract {
  Backend backend();

  /** The floating-point types of the backend under test. */
  default List<DType> types() {
    return Stream.of(DType.FLOAT32, DType.FLOAT64).filter(backend()::supports).toList();
  }

  default Buffer buffer(DType dtype, double... values) {
    Buffer buffer = backend().allocate(dtype, values.length);
    backend().upload(values, buffer);
    return buffer;
  }

  default Buffer indices(long... values) {
    Buffer buffer = backend().allocate(DType.INT64, values.length);
    backend().upload(values, buffer);
    return buffer;
  }

  /** An output that was used before. */
  default Buffer dirty(DType dtype, long length) {
    Buffer buffer = backend().allocate(dtype, length);
    backend().fill(buffer, dtype.isFloatingPoint() ? Double.NaN : 99);
    return buffer;
  }

  default double[] read(Buffer buffer) {
    double[] values = new double[(int) buffer.length()];
    backend().download(buffer, values);
    return values;
  }

  default long[] readLongs(Buffer buffer) {
    long[] values = new long[(int) buffer.length()];
    backend().download(buffer, values);
    return values;
  }

  /** Values in [-1, 1) that FLOAT32 holds exactly. */
  default double[] random(long seed, int length) {
    Generator generator = new Generator(seed);
    double[] values = new double[length];
    Arrays.setAll(values, i -> (float) (2 * generator.nextDouble() - 1));
    return values;
  }

  /**
   * Equal but for rounding: a few units in the last place, and one more for each summand.
   *
   * @param summands how many products or values went into each result
   */
  default void assertClose(String what, int summands, double[] expected, Buffer actual) {
    double unit = actual.dtype() == DType.FLOAT32 ? 0x1p-23 : 0x1p-52;
    double[] got = read(actual);
    assertEquals(expected.length, got.length, what);
    for (int i = 0; i < got.length; i++) {
      if (Double.compare(expected[i], got[i]) != 0) {
        double tolerance = unit * (8 + summands) * Math.max(1, Math.abs(expected[i]));
        assertEquals(expected[i], got[i], tolerance, what + " " + actual.dtype() + " at " + i);
      }
    }
  }
}
