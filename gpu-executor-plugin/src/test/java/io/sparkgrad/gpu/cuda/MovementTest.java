// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies, scatters and broadcasts at sizes of several blocks. */
class MovementTest {
  private final SideBySide sides = new SideBySide(EmulatedGpu.backend());

  @ParameterizedTest
  @DisplayName("matrices are transposed by tiles, with tails")
  @CsvSource({"1,70,45,FLOAT32", "3,33,64,FLOAT64", "2,32,32,INT64", "2,5,40,BOOL"})
  void transpose(int matrices, int rows, int columns, DType dtype) {
    Shape region = Shape.of(matrices, columns, rows);
    Layout from = new Layout(0, new long[] {(long) rows * columns, 1, columns});
    Layout to = new Layout(0, region.strides());
    sides.agree(
        "transpose",
        0,
        backend -> {
          int n = matrices * rows * columns;
          double[] values = LongStream.range(0, n).asDoubleStream().toArray();
          var x = SideBySide.buffer(backend, dtype, values);
          var y = SideBySide.dirty(backend, dtype, n);
          backend.copy(region, x, from, y, to);
          return List.of(y);
        });
  }

  @ParameterizedTest
  @DisplayName("rows are added in the order of their numbers, whichever way")
  @CsvSource({"500,7,13", "40,3000,5", "1,9,4", "100,64,1", "3000,1,50000", "64,130,4096"})
  void scatterAdd(int rows, int columns, int targets) {
    sides.agree(
        "scatterAddRows",
        0, // each number is the sum of the same numbers in the same order
        backend -> {
          var x = SideBySide.random(backend, DType.FLOAT32, 1, rows * columns);
          double[] numbers = SideBySide.random(2, rows);
          var indices = backend.allocate(DType.INT64, rows);
          backend.upload(
              LongStream.range(0, rows)
                  .map(i -> (long) ((numbers[(int) i] + 1) / 2 * targets))
                  .toArray(),
              indices);
          var y = SideBySide.random(backend, DType.FLOAT32, 3, targets * columns);
          backend.scatterAddRows(x, columns, indices, y);
          return List.of(y);
        });
  }

  @ParameterizedTest
  @DisplayName("operands that repeat along any axes")
  @CsvSource({"5 1 7,1 300 7", "4096,1", "3 700,700", "3 700,3 1", "2 1 3 1 2,1 2 1 3 1"})
  void broadcast(String left, String right) {
    Shape a = shape(left);
    Shape b = shape(right);
    Shape y = Broadcasting.of("test", a, b);
    for (BinaryKernel kernel : BinaryKernel.values()) {
      sides.agree(
          kernel.toString(),
          0x1p-20,
          backend -> {
            var result = SideBySide.dirty(backend, DType.FLOAT32, (int) y.numel());
            backend.binary(
                kernel,
                SideBySide.random(backend, DType.FLOAT32, 1, (int) a.numel()),
                a,
                SideBySide.random(backend, DType.FLOAT32, 2, (int) b.numel()),
                b,
                result,
                y);
            return List.of(result);
          });
    }
  }

  private static Shape shape(String dims) {
    return Shape.of(List.of(dims.split(" ")).stream().mapToLong(Long::parseLong).toArray());
  }

  @Test
  @DisplayName("neighbouring axes become one where both buffers walk them in one go")
  void joinsAxes() {
    Shape shape = Shape.of(2, 3, 1, 4);
    assertTrue(new StridedRegion(shape, shape.strides(), shape.strides()).isDense());
    StridedRegion swapped =
        new StridedRegion(Shape.of(2, 5, 3), new long[] {15, 1, 5}, new long[] {15, 3, 1});
    assertArrayEquals(new int[] {2, 3, 5}, swapped.transposition());
    assertNull(
        new StridedRegion(Shape.of(5, 3), new long[] {1, 6}, new long[] {3, 1}).transposition());
  }

  @Test
  void tooManyAxes() {
    Shape shape = Shape.of(2, 2, 2, 2, 2, 2, 2, 2, 2);
    long[] reversed = LongStream.range(0, 9).map(i -> 1L << i).toArray();
    var e =
        assertThrows(
            BackendException.class, () -> new StridedRegion(shape, shape.strides(), reversed));
    assertEquals(
        "cuda backend: expected at most 8 axes that cannot be joined, got shape [2, 2, 2, 2, 2, 2, 2, 2, 2]; make the tensor dense with copy()",
        e.getMessage());
  }

  @Test
  @DisplayName("strides that 32 bits cannot count are refused and not cut off")
  void tooFarApart() {
    var e =
        assertThrows(
            BackendException.class,
            () -> new StridedRegion(Shape.of(3, 2), new long[] {1L << 32, 1}, new long[] {2, 1}));
    assertEquals(
        "cuda backend: expected an operation with strides to span fewer than 2147483648 elements of a buffer, got shape [3, 2] with strides [4294967296, 1]; split the tensor",
        e.getMessage());
  }
}
