// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TilingTest {
  private static final int H100 = 132;

  @ParameterizedTest
  @DisplayName("no multiprocessor of an H100 is idle, nor does one have much more than the others")
  @CsvSource({
    "512, 1568, 4608, FP32", // ResNet-18's last convolutions for 32 images of 224 by 224
    "256, 6272, 2304, FP32",
    "128, 25088, 1152, FP32",
    "64, 100352, 576, FP32",
    "512, 1568, 4608, TF32",
    "256, 2304, 6272, FP32", // the gradient of weights
    "512, 512, 4096, BF16"
  })
  void balance(int m, int n, int k, Arithmetic arithmetic) {
    Tiling tiling = Tiling.of(arithmetic, H100, 1, m, n, k);
    double blocks = (double) tiling.tiles() * tiling.splits();
    double load = Math.ceil(blocks / H100);
    assertTrue(blocks / H100 / load > 0.85, tiling + " loads with " + blocks / H100);
  }

  @Test
  @DisplayName("k is split where that fills the GPU, and not where the sums cost more")
  void splits() {
    assertEquals(1, Tiling.of(Arithmetic.FP32, H100, 1, 4096, 4096, 4096).splits());
    assertEquals(1, Tiling.of(Arithmetic.FP32, H100, 1, 10, 10, 100).splits());
    assertTrue(Tiling.of(Arithmetic.FP32, H100, 1, 64, 576, 100_352).splits() > 20);
  }

  @Test
  @DisplayName("tiles fit what there is")
  void tiles() {
    assertEquals("64x128", Tiling.of(Arithmetic.FP32, H100, 1, 4096, 4096, 64).name());
    assertEquals("64x64", Tiling.of(Arithmetic.FP32, H100, 1, 64, 64, 64).name());
    assertEquals("32x64", Tiling.ofFewRowsToo(Arithmetic.FP32, H100, 1, 32, 9999, 64).name());
    assertEquals("64x128", Tiling.ofFewRowsToo(Arithmetic.FP32, H100, 1, 4096, 4096, 64).name());
    assertEquals("128x128", Tiling.of(Arithmetic.TF32, H100, 1, 4096, 4096, 64).name());
    assertEquals("64x64", Tiling.of(Arithmetic.TF32, H100, 1, 64, 100_352, 64).name());
  }

  @ParameterizedTest
  @DisplayName("the splits are all of k, and each has some")
  @CsvSource({"1", "63", "64", "65", "1000", "4608", "1000000"})
  void allOfK(int k) {
    for (Arithmetic arithmetic : Arithmetic.values()) {
      Tiling tiling = Tiling.of(arithmetic, H100, 1, 100, 100, k);
      assertEquals(0, tiling.kPerSplit() % 32, "whole steps of every kernel");
      assertTrue((long) tiling.splits() * tiling.kPerSplit() >= k, tiling.toString());
      assertTrue((long) (tiling.splits() - 1) * tiling.kPerSplit() < k, tiling.toString());
    }
  }
}
