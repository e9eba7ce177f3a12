// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.shape.Shape;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes that take more than one block, more than one part, and each way through the elements. */
class ReductionsTest {
  private final SideBySide sides = new SideBySide(EmulatedGpu.backend());

  @ParameterizedTest
  @DisplayName("sums, maxima and products over any axes")
  @CsvSource({
    "3 5000, 01",
    "5000 3, 10",
    "2 7 40 9, 1010",
    "9 3 5 7 2, 10101",
    "60000, 1",
    "3 9000 33, 010",
    "2 1 3 1, 1101",
    "70 65, 00",
    "4 1030, 01",
    "2 3 2 2 3 2 2 3 2 2, 1010101010", // more runs than a kernel takes
    "3 2 2 3 2 1 2 3 2 2, 0101011101"
  })
  void reduce(String dims, String reduced) {
    long[] sizes = List.of(dims.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    Shape shape = Shape.of(sizes);
    boolean[] axes = new boolean[sizes.length];
    long results = 1;
    for (int i = 0; i < sizes.length; i++) {
      axes[i] = reduced.charAt(i) == '1';
      results *= axes[i] ? 1 : sizes[i];
    }
    int count = (int) results;
    // As many roundings as there are summands, by a quarter of a unit each on average.
    double tolerance = (double) shape.numel() / results * 0x1p-23;
    for (ReduceKernel kernel : ReduceKernel.values()) {
      sides.agree(
          kernel + " over " + reduced + " of " + shape,
          Math.max(tolerance, 0x1p-20),
          backend -> {
            var x = SideBySide.random(backend, DType.FLOAT32, 1, (int) shape.numel());
            var y = SideBySide.dirty(backend, DType.FLOAT32, count);
            backend.reduce(kernel, x, shape, axes, y);
            return List.of(y);
          });
    }
  }

  @ParameterizedTest
  @DisplayName("rows of a warp and of a block: scan, place of the maximum")
  @CsvSource({"9,1024", "3,1025", "5,3000", "1,1", "17,33"})
  void rows(int rows, int columns) {
    int n = rows * columns;
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      double tolerance = dtype == DType.FLOAT32 ? columns * 0x1p-23 + 0x1p-20 : 1e-12;
      sides.agree(
          "scan and argmax " + columns,
          tolerance,
          backend -> {
            var x = SideBySide.random(backend, dtype, 4, n);
            var sums = SideBySide.dirty(backend, dtype, n);
            var places = SideBySide.dirty(backend, DType.INT64, rows);
            backend.scanLastAxis(ReduceKernel.SUM, x, rows, columns, sums);
            backend.argmaxLastAxis(x, rows, columns, places);
            return List.of(sums, places);
          });
    }
  }

  @Test
  @DisplayName("nothing to reduce gives what a reduction starts with")
  void empty() {
    for (ReduceKernel kernel : ReduceKernel.values()) {
      sides.agree(
          kernel + " of nothing",
          0,
          backend -> {
            var y = SideBySide.dirty(backend, DType.FLOAT32, 2);
            backend.reduce(
                kernel,
                backend.allocate(DType.FLOAT32, 0),
                Shape.of(2, 0),
                new boolean[] {false, true},
                y);
            return List.of(y);
          });
    }
  }

  @ParameterizedTest
  @DisplayName("0 is larger than -0, whichever comes first")
  @CsvSource({"true", "false"})
  void zeros(boolean alongRows) {
    sides.agree(
        "maxima of zeros",
        0,
        backend -> {
          var x = SideBySide.buffer(backend, DType.FLOAT32, 0, -0.0, -0.0, 0);
          var largest = SideBySide.dirty(backend, DType.FLOAT32, 2);
          var running = SideBySide.dirty(backend, DType.FLOAT32, 4);
          boolean[] axes = {!alongRows, alongRows};
          backend.reduce(ReduceKernel.MAX, x, Shape.of(2, 2), axes, largest);
          backend.scanLastAxis(ReduceKernel.MAX, x, 2, 2, running);
          return List.of(largest, running);
        });
  }
}
