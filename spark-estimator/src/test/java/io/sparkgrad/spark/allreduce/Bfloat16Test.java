// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class Bfloat16Test {
  private static float rounded(double value) {
    return Bfloat16.widen(Bfloat16.round((float) value));
  }

  @Test
  @DisplayName("steps between 1 and 2 are of 1/128: to the nearest, ties to even")
  void rounds() {
    double step = 1 / 128.0;
    assertEquals(1, rounded(1 + 0.49 * step));
    assertEquals(1, rounded(1 + 0.5 * step)); // even is below
    assertEquals(1 + step, rounded(1 + 0.51 * step));
    assertEquals(1 + 2 * step, rounded(1 + 1.5 * step)); // even is above
    assertEquals(-1 - 2 * step, rounded(-1 - 1.5 * step));
    assertEquals(2, rounded(2 - 0.1 * step)); // carries into the exponent
  }

  @Test
  @DisplayName("every bfloat16 comes back as it was; NaN stays NaN")
  void roundTrip() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Bfloat16.widen((short) bits);
      if (Float.isNaN(value)) {
        assertTrue(Float.isNaN(Bfloat16.widen(Bfloat16.round(value))));
      } else {
        assertEquals((short) bits, Bfloat16.round(value));
      }
    }
  }

  @Test
  void extremes() {
    assertEquals(Float.POSITIVE_INFINITY, rounded(Float.MAX_VALUE));
    assertEquals(Float.NEGATIVE_INFINITY, rounded(Double.NEGATIVE_INFINITY));
    assertEquals(0, rounded(Float.MIN_VALUE));
    assertEquals(-0.0f, rounded(-0.0));
    assertTrue(Float.isNaN(Bfloat16.widen(Bfloat16.round(Float.intBitsToFloat(0x7fffffff)))));
    assertTrue(Float.isNaN(Bfloat16.widen(Bfloat16.round(Float.intBitsToFloat(0x7f800001)))));
  }
}
