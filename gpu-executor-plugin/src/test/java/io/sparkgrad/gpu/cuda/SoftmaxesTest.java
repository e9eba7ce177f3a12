// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static io.sparkgrad.gpu.cuda.SideBySide.buffer;
import static io.sparkgrad.gpu.cuda.SideBySide.dirty;
import static io.sparkgrad.gpu.cuda.SideBySide.random;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.CrossEntropyGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.SoftmaxKernel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that a warp holds in registers, that it does not, and that take a block. */
class SoftmaxesTest {
  private final SideBySide sides = new SideBySide(EmulatedGpu.backend());

  private static double tolerance(DType dtype, int columns) {
    return dtype == DType.FLOAT32 ? columns * 0x1p-23 + 0x1p-20 : 1e-12;
  }

  @ParameterizedTest(name = "[{0}, {1}]")
  @CsvSource({"9,1024", "3,1025", "5,3000", "1,1", "17,33"})
  void softmaxAndCrossEntropy(int rows, int columns) {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      double tolerance = tolerance(dtype, columns);
      for (SoftmaxKernel kernel : SoftmaxKernel.values()) {
        sides.agree(
            kernel + " " + columns,
            tolerance,
            backend -> {
              Buffer x = random(backend, dtype, 2, rows * columns);
              Buffer g = random(backend, dtype, 3, rows * columns);
              Buffer y = dirty(backend, dtype, rows * columns);
              Buffer gx = dirty(backend, dtype, rows * columns);
              backend.softmaxLastAxis(kernel, x, rows, columns, y);
              backend.softmaxGradientLastAxis(kernel, y, g, rows, columns, gx);
              return List.of(y, gx);
            });
      }
      sides.agree(
          "cross entropy " + columns,
          tolerance,
          backend -> crossEntropy(backend, dtype, new CrossEntropyGeometry(rows, columns, 0.1)));
    }
  }

  private static List<Buffer> crossEntropy(Backend backend, DType dtype, CrossEntropyGeometry g) {
    int length = g.rows() * g.columns();
    double[] labels = IntStream.range(0, g.rows()).mapToDouble(i -> i * 7 % g.columns()).toArray();
    Buffer targets = buffer(backend, DType.INT64, labels);
    Buffer weight = random(backend, dtype, 4, g.columns());
    Buffer logs = dirty(backend, dtype, length);
    Buffer losses = dirty(backend, dtype, g.rows());
    Buffer gx = dirty(backend, dtype, length);
    backend.crossEntropy(g, random(backend, dtype, 5, length), targets, weight, logs, losses);
    backend.crossEntropyGradient(g, logs, targets, weight, random(backend, dtype, 6, g.rows()), gx);
    return List.of(logs, losses, gx);
  }

  @ParameterizedTest(name = "{0} columns")
  @DisplayName("rows that rise and fall by 1000, far beyond what an exponential can be")
  @CsvSource({"70", "1100"})
  void slopes(int columns) {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      double[] x = new double[2 * columns];
      Arrays.setAll(x, i -> i < columns ? 1000.0 * i : -1000.0 * i);
      for (SoftmaxKernel kernel : SoftmaxKernel.values()) {
        sides.agree(
            kernel.toString(),
            tolerance(dtype, columns),
            backend -> {
              Buffer y = dirty(backend, dtype, x.length);
              backend.softmaxLastAxis(kernel, buffer(backend, dtype, x), 2, columns, y);
              return List.of(y);
            });
      }
    }
  }
}
