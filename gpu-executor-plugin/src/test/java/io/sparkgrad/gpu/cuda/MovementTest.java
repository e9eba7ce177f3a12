// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

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
  @CsvSource({
    "500,7,13",
    "40,3000,5",
    "1,9,4",
    "100,64,1",
    "3000,1,50000",
    "64,130,4096",
    "300,1100,300"
  })
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
  @CsvSource({
    "5 1 7,1 300 7",
    "4096,1", // a number
    "1,1031", // packs and what is left over
    "3,3", // less than a pack
    "3 700,700", // a row
    "3 701,701", // a row that is no packs
    "3 700,3 1", // a column
    "2 3 4 5,1 3 1 1", // a channel's number, in planes of packs
    "2 3 7 7,1 3 1 1",
    "7 4,7 1", // one pack a row
    "2 1 3 1 2,1 2 1 3 1",
    "2 1 3 1 2 1 2 1 2 1,1 2 1 3 1 2 1 2 1 2" // more axes than a kernel takes
  })
  void broadcast(String left, String right) {
    Shape a = shape(left);
    Shape b = shape(right);
    for (BinaryKernel kernel : BinaryKernel.values()) {
      broadcast(kernel, DType.FLOAT32, a, b);
    }
    broadcast(BinaryKernel.SUB, DType.FLOAT64, a, b);
    broadcast(BinaryKernel.SUB, DType.FLOAT32, b, a);
  }

  @Test
  @DisplayName("more axes than a kernel takes, in parts that are not whole packs")
  void broadcastInOddParts() {
    Shape a = Shape.of(2, 1, 3, 1, 3, 1, 3, 1, 3);
    broadcast(BinaryKernel.ADD, DType.FLOAT32, a, Shape.of(1, 3, 1, 3, 1, 3, 1, 3, 1));
  }

  private void broadcast(BinaryKernel kernel, DType dtype, Shape a, Shape b) {
    Shape y = Broadcasting.of("test", a, b);
    sides.agree(
        kernel.toString(),
        0x1p-20,
        backend -> {
          var result = SideBySide.dirty(backend, dtype, (int) y.numel());
          backend.binary(
              kernel,
              SideBySide.random(backend, dtype, 1, (int) a.numel()),
              a,
              SideBySide.random(backend, dtype, 2, (int) b.numel()),
              b,
              result,
              y);
          return List.of(result);
        });
  }

  @ParameterizedTest
  @DisplayName("axes in another order, by as many bytes at once as lie side by side")
  @CsvSource({
    "2 3 5 8,0 2 1 3,FLOAT32", // 16
    "2 3 5 6,0 2 1 3,FLOAT32", // 8
    "2 3 5 3,0 2 1 3,INT64",
    "2 3 5 3,2 1 0 3,FLOAT32", // 4
    "2 3 5 32,0 2 1 3,BOOL", // 16
    "2 3 5 3,0 2 1 3,BOOL", // 1
    "7 5 3,2 0 1,BOOL",
    "9 7 4,2 1 0,FLOAT64",
    "3 50 2,0 2 1,FLOAT32", // matrices too narrow for tiles
    "2 2 2 2 2 2 2 3 2 2,9 8 7 6 5 4 3 2 1 0,FLOAT32" // more axes than a kernel takes
  })
  void permute(String dims, String order, DType dtype) {
    Shape shape = shape(dims);
    long[] axes = numbers(order);
    Shape region = Shape.of(LongStream.of(axes).map(axis -> shape.size((int) axis)).toArray());
    long[] strides = LongStream.of(axes).map(axis -> shape.strides()[(int) axis]).toArray();
    sides.agree(
        "permute",
        0,
        backend -> {
          double[] values = LongStream.range(0, shape.numel()).asDoubleStream().toArray();
          var x = SideBySide.buffer(backend, dtype, values);
          var y = SideBySide.dirty(backend, dtype, values.length);
          backend.copy(region, x, new Layout(0, strides), y, new Layout(0, region.strides()));
          return List.of(y);
        });
  }

  @ParameterizedTest
  @DisplayName("rows by number, by as many bytes at once as divide a row")
  @CsvSource({"8,FLOAT32", "6,FLOAT32", "7,FLOAT32", "3,FLOAT64", "5,BOOL", "300,INT64"})
  void gather(int columns, DType dtype) {
    sides.agree(
        "gatherRows",
        0,
        backend -> {
          double[] values = LongStream.range(0, 9L * columns).asDoubleStream().toArray();
          var x = SideBySide.buffer(backend, dtype, values);
          var indices = backend.allocate(DType.INT64, 5);
          backend.upload(new long[] {8, 0, 3, 3, 7}, indices);
          var y = SideBySide.dirty(backend, dtype, 5 * columns);
          backend.gatherRows(x, columns, indices, y);
          return List.of(y);
        });
  }

  private static Shape shape(String dims) {
    return Shape.of(numbers(dims));
  }

  private static long[] numbers(String text) {
    return List.of(text.split(" ")).stream().mapToLong(Long::parseLong).toArray();
  }

  @Test
  @DisplayName("neighbouring axes become one where both buffers walk them in one go")
  void joinsAxes() {
    Shape shape = Shape.of(2, 3, 1, 4);
    StridedRegion dense = new StridedRegion(shape, shape.strides(), shape.strides());
    assertEquals(1, dense.rank());
    assertEquals(24, dense.innerSize());
    StridedRegion swapped =
        new StridedRegion(Shape.of(2, 5, 3), new long[] {15, 1, 5}, new long[] {15, 3, 1});
    assertArrayEquals(new long[] {2, 3, 5}, swapped.transposition());
    assertNull(
        new StridedRegion(Shape.of(5, 3), new long[] {1, 6}, new long[] {3, 1}).transposition());
  }

  @Test
  @DisplayName("what 32 bits cannot count comes in parts, in order and without gaps")
  void parts() {
    Shape shape = Shape.of(3L << 31, 5);
    StridedRegion region = new StridedRegion(shape, shape.strides(), new long[] {0, 1});
    long next = 0;
    for (StridedRegion.Piece piece : region.pieces()) {
      assertEquals(next, piece.first());
      assertEquals(0, piece.second());
      next += piece.count();
    }
    assertEquals(shape.numel(), next);
    StridedRegion farApart =
        new StridedRegion(Shape.of(3, 2), new long[] {1L << 32, 1}, new long[] {2, 1});
    assertEquals(
        List.of(0L, 1L << 32, 2L << 32),
        farApart.pieces().stream().map(StridedRegion.Piece::first).toList());
  }
}
