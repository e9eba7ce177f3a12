// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The same kernels again and again, with other arguments. */
class GraphCacheTest {
  private final EmulatedCudaDriver driver = EmulatedGpu.driver();

  /** Each factor once: five kernels whose arguments differ in the factor alone. */
  private double[] products(boolean graphs, double... factors) {
    CudaBackend cuda = EmulatedGpu.backend(driver, graphs);
    return Arrays.stream(factors)
        .map(
            factor -> {
              Buffer x = SideBySide.buffer(cuda, DType.FLOAT64, 1, 2);
              for (int i = 0; i < 5; i++) {
                cuda.unary(UnaryKernel.SCALE, factor, x, x);
              }
              return SideBySide.values(x)[1];
            })
        .toArray();
  }

  @Test
  @DisplayName("a graph starts with the arguments of its turn, also with those it had before")
  void argumentsOfItsTurn() {
    double[] factors = {2, 3, 2, 2, 3, 5, 2};
    double[] expected = Arrays.stream(factors).map(f -> 2 * Math.pow(f, 5)).toArray();
    assertArrayEquals(expected, products(false, factors));
    assertArrayEquals(expected, products(true, factors));
  }

  @Test
  @DisplayName("the second time kernels come along they are one graph")
  void secondTime() {
    var before = driver.counts();
    products(true, 2, 2, 2, 2);
    assertEquals(3, driver.counts().graphLaunches() - before.graphLaunches());
  }

  @Test
  @DisplayName("where there is no memory for a graph, its kernels run without")
  void noMemory() {
    EmulatedCudaDriver full = new EmulatedCudaDriver(75, 2 << 20, EmulatedCudaDriver.Work.AT_ONCE);
    CudaBackend cuda = EmulatedGpu.backend(full);
    Buffer x = cuda.allocate(DType.FLOAT64, 2);
    for (int turn = 0; turn < 3; turn++) {
      cuda.fill(x, 1);
      for (int i = 0; i < 5; i++) {
        cuda.unary(UnaryKernel.SCALE, 2, x, x);
      }
      assertEquals(32, SideBySide.values(x)[1]);
    }
    assertEquals(0, full.counts().graphLaunches());
  }
}
