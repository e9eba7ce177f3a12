// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatmulPrecisionTest {
  @Test
  void aScopeEndsWithTheOneFromBefore() {
    assertEquals(MatmulPrecision.FP32, MatmulPrecision.get());
    try (var outer = MatmulPrecision.set(MatmulPrecision.BF16)) {
      try (var inner = MatmulPrecision.set(MatmulPrecision.TF32)) {
        assertEquals(MatmulPrecision.TF32, MatmulPrecision.get());
      }
      assertEquals(MatmulPrecision.BF16, MatmulPrecision.get());
    }
    assertEquals(MatmulPrecision.FP32, MatmulPrecision.get());
  }

  @Test
  void eachThreadHasItsOwn() throws InterruptedException {
    AtomicReference<MatmulPrecision> other = new AtomicReference<>();
    try (var scope = MatmulPrecision.set(MatmulPrecision.TF32)) {
      Thread thread = new Thread(() -> other.set(MatmulPrecision.get()));
      thread.start();
      thread.join();
    }
    assertEquals(MatmulPrecision.FP32, other.get());
  }

  @ParameterizedTest
  @EnumSource(MatmulPrecision.class)
  void readsWhatItWrites(MatmulPrecision precision) {
    assertEquals(precision, MatmulPrecision.parse(precision.toString()));
    assertEquals(precision, MatmulPrecision.ofProperty(precision.toString()));
  }

  @Test
  void refusesOthers() {
    assertEquals(MatmulPrecision.FP32, MatmulPrecision.ofProperty(null));
    assertEquals(
        "precision: expected fp32, tf32 or bf16, got 'fp16'; fp32 is exact, the others are faster.",
        assertThrows(IllegalArgumentException.class, () -> MatmulPrecision.parse("fp16"))
            .getMessage());
    assertEquals(
        "system property sparkgrad.precision: precision: expected fp32, tf32 or bf16, got 'FP32'; fp32 is exact, the others are faster.",
        assertThrows(IllegalArgumentException.class, () -> MatmulPrecision.ofProperty("FP32"))
            .getMessage());
  }
}
