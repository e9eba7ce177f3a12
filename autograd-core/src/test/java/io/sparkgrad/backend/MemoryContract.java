// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Allocation, transfer, conversion and strided copies, of all types. */
interface MemoryContract extends BackendContract {
  @ParameterizedTest
  @EnumSource(DType.class)
  default void newMemoryIsZero(DType dtype) {
    for (int length : new int[] {0, 1, 1000}) {
      Buffer buffer = backend().allocate(dtype, length);
      assertEquals(dtype, buffer.dtype());
      assertEquals(length, buffer.length());
      assertSame(backend(), buffer.backend());
      assertArrayEquals(new double[length], read(buffer));
    }
  }

  @Test
  default void memoryEndsWithItsScope() {
    for (DType dtype : DType.values()) {
      Buffer small;
      Buffer large;
      try (var scope = BufferScope.open()) {
        small = BufferScope.own(backend().allocate(dtype, 3));
        large = BufferScope.own(backend().allocate(dtype, 100_000));
        backend().fill(large, 1);
      }
      for (Buffer gone : new Buffer[] {small, large}) {
        assertEquals(dtype, gone.dtype());
        assertThrows(BackendException.class, () -> read(gone));
        assertThrows(BackendException.class, () -> backend().fill(gone, 1));
      }
    }
  }

  @Test
  default void transferConverts() {
    double[] values = {1.75, -2, 0};
    assertArrayEquals(values, read(buffer(DType.FLOAT32, values)));
    assertArrayEquals(values, read(buffer(DType.FLOAT64, values)));
    assertArrayEquals(new double[] {1, -2, 0}, read(buffer(DType.INT64, values)));
    assertArrayEquals(new double[] {1, 1, 0}, read(buffer(DType.BOOL, values)));
    for (DType dtype : DType.values()) {
      Buffer fromFloats = backend().allocate(dtype, 3);
      backend().upload(new float[] {1.75f, -2, 0}, fromFloats);
      float[] floats = new float[3];
      backend().download(fromFloats, floats);
      double[] doubles = read(buffer(dtype, values));
      for (int i = 0; i < 3; i++) {
        assertEquals(doubles[i], floats[i]);
      }
      Buffer fromLongs = backend().allocate(dtype, 2);
      backend().upload(new long[] {-3, 0}, fromLongs);
      assertArrayEquals(
          dtype == DType.BOOL ? new long[] {1, 0} : new long[] {-3, 0}, readLongs(fromLongs));
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  @DisplayName("to and from a place inside an array, and nothing beside it")
  default void transfersInsideAnArray(DType dtype) {
    for (int length : new int[] {0, 3, 100_000}) {
      float[] values = new float[length + 7];
      for (int i = 0; i < values.length; i++) {
        values[i] = i % 2; // what every type can hold
      }
      Buffer buffer = dirty(dtype, length);
      backend().upload(values, 3, buffer);
      float[] back = new float[length + 7];
      Arrays.fill(back, -1);
      backend().download(buffer, back, 5);
      for (int i = 0; i < back.length; i++) {
        assertEquals(i < 5 || i >= length + 5 ? -1 : values[i - 2], back[i], "place " + i);
      }
    }
  }

  @Test
  @DisplayName("an array that is too short is refused and not overrun")
  default void transferBeyondAnArray() {
    Buffer buffer = buffer(DType.FLOAT32, new double[1000]);
    float[] values = new float[1000];
    assertThrows(IndexOutOfBoundsException.class, () -> backend().upload(values, 1, buffer));
    assertThrows(IndexOutOfBoundsException.class, () -> backend().download(buffer, values, 1));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  @DisplayName("several buffers at once: as they were when asked for, each to its place")
  default void transfersSeveral(DType dtype) {
    int[] lengths = {3, 0, 10_000, 1, 77};
    int[] offsets = {1, 5, 6, 10_010, 10_011};
    float[] values = new float[10_089];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 3 == 0 ? 1 : 0; // what every type can hold
    }
    List<Buffer> buffers = Arrays.stream(lengths).mapToObj(length -> dirty(dtype, length)).toList();
    backend().upload(values, offsets, buffers);
    float[] back = new float[values.length];
    Arrays.fill(back, -1);
    PendingCopy copy = backend().downloadLater(buffers, offsets, back);
    buffers.forEach(buffer -> backend().fill(buffer, 7));
    copy.await();
    float[] expected = values.clone();
    for (int gap : new int[] {0, 4, 5, 10_006, 10_007, 10_008, 10_009, 10_088}) {
      expected[gap] = -1;
    }
    assertArrayEquals(expected, back);
    back[1] = 9;
    copy.await();
    assertEquals(9, back[1]);
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> backend().upload(values, new int[] {values.length - 2}, buffers.subList(0, 1)));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> backend().downloadLater(buffers.subList(0, 1), new int[] {values.length - 2}, back));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  @DisplayName("what was asked for comes, also when others have the memory by then")
  default void readbackOutlivesItsBuffer(DType dtype) {
    for (int length : new int[] {1, 3, 100_000}) {
      Readback pending;
      try (var scope = BufferScope.open()) {
        Buffer buffer = BufferScope.own(backend().allocate(dtype, length));
        backend().fill(buffer, 1);
        pending = backend().downloadLater(buffer);
      }
      backend().fill(backend().allocate(dtype, length), 0);
      double[] ones = new double[length];
      Arrays.fill(ones, 1);
      assertArrayEquals(ones, pending.doubles());
    }
  }

  @Test
  default void transferIsExact() {
    long[] longs = {Long.MAX_VALUE, Long.MIN_VALUE, (1L << 53) + 1};
    assertArrayEquals(longs, readLongs(indices(longs)));
    double[] special = {
      Double.NaN, Double.NEGATIVE_INFINITY, -0.0, Double.MIN_VALUE, Double.MAX_VALUE
    };
    assertArrayEquals(special, read(buffer(DType.FLOAT64, special)));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  default void fill(DType dtype) {
    Buffer buffer = dirty(dtype, 5);
    backend().fill(buffer, 1);
    assertArrayEquals(new double[] {1, 1, 1, 1, 1}, read(buffer));
    backend().fill(buffer, 0);
    assertArrayEquals(new double[5], read(buffer));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  default void cast(DType from) {
    for (DType to : DType.values()) {
      Buffer target = dirty(to, 3);
      backend().cast(buffer(from, 2.5, 0, -7), target);
      double[] expected = read(buffer(from, 2.5, 0, -7));
      assertArrayEquals(read(buffer(to, expected)), read(target), from + " to " + to);
    }
  }

  static Stream<Arguments> regions() {
    return Stream.of(
        Arguments.of("dense", Shape.of(4, 6), 0, new long[] {6, 1}, 0, new long[] {6, 1}),
        Arguments.of("transposed", Shape.of(6, 4), 0, new long[] {1, 6}, 0, new long[] {4, 1}),
        Arguments.of("sliced", Shape.of(2, 3), 8, new long[] {6, 1}, 0, new long[] {3, 1}),
        Arguments.of("placed", Shape.of(2, 3), 0, new long[] {3, 1}, 7, new long[] {6, 1}),
        Arguments.of("every other", Shape.of(2, 3), 0, new long[] {12, 2}, 1, new long[] {3, 1}),
        Arguments.of(
            "expanded", Shape.of(3, 2, 4), 1, new long[] {0, 4, 1}, 0, new long[] {8, 4, 1}),
        Arguments.of("flipped", Shape.of(4, 6), 23, new long[] {-6, -1}, 0, new long[] {6, 1}),
        Arguments.of("scalar", Shape.scalar(), 5, new long[0], 7, new long[0]),
        Arguments.of("size 1", Shape.of(1, 3, 1), 2, new long[] {9, 1, 5}, 4, new long[] {1, 2, 3}),
        Arguments.of(
            "permuted", Shape.of(2, 4, 3), 0, new long[] {3, 6, 1}, 0, new long[] {12, 3, 1}),
        Arguments.of(
            "expanded inside", Shape.of(3, 4, 2), 2, new long[] {2, 0, 1}, 0, new long[] {8, 2, 1}),
        Arguments.of("one for all", Shape.of(4, 6), 3, new long[] {0, 0}, 0, new long[] {6, 1}),
        Arguments.of("each for many", Shape.of(4, 5), 3, new long[] {1, 0}, 2, new long[] {5, 1}),
        Arguments.of(
            "heads",
            Shape.of(2, 2, 3, 2),
            0,
            new long[] {12, 2, 4, 1},
            0,
            new long[] {12, 6, 2, 1}),
        Arguments.of("column flipped", Shape.of(4, 3), 3, new long[] {6, -1}, 0, new long[] {3, 1}),
        Arguments.of("nothing", Shape.of(0, 3), 0, new long[] {3, 1}, 0, new long[] {3, 1}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.sparkgrad.backend.MemoryContract#regions")
  default void copiesRegions(
      String name, Shape region, long fromStart, long[] from, long toStart, long[] to) {
    for (DType dtype : DType.values()) {
      double[] source = read(buffer(dtype, random(1, 24)));
      for (int i = 0; dtype == DType.INT64 && i < 24; i++) {
        source[i] = i;
      }
      double[] target = read(buffer(dtype, new double[24]));
      Buffer y = buffer(dtype, target);
      backend()
          .copy(
              region,
              buffer(dtype, source),
              new Layout(fromStart, from),
              y,
              new Layout(toStart, to));
      long[] at = new long[region.rank()];
      for (int n = 0; n < region.numel(); n++) {
        long rest = n;
        long i = fromStart;
        long j = toStart;
        for (int axis = at.length - 1; axis >= 0; axis--) {
          at[axis] = rest % region.size(axis);
          rest /= region.size(axis);
          i += at[axis] * from[axis];
          j += at[axis] * to[axis];
        }
        target[(int) j] = source[(int) i];
      }
      assertArrayEquals(target, read(y), name + " " + dtype);
    }
  }

  @Test
  @DisplayName("a corner of a large matrix to a small one and back")
  default void copiesBetweenLargeAndSmall() {
    for (DType dtype : DType.values()) {
      double[] large = read(buffer(dtype, random(1, 100 * 100)));
      double[] small = read(buffer(dtype, random(2, 4 * 4)));
      Layout corner = new Layout(9896, new long[] {-100, 1});
      Layout upwards = new Layout(9596, new long[] {100, 1});
      Layout three = new Layout(1, new long[] {4, 1});
      for (Layout place : new Layout[] {corner, upwards}) {
        Buffer x = buffer(dtype, large);
        Buffer y = buffer(dtype, small);
        backend().copy(Shape.of(4, 3), x, place, y, three);
        double[] taken = read(y);
        backend().copy(Shape.of(4, 3), buffer(dtype, small), three, x, place);
        double[] placed = read(x);
        double[] expectedLarge = large.clone();
        double[] expectedSmall = small.clone();
        for (int i = 0; i < 12; i++) {
          int inLarge = (int) (place.offset() + i / 3 * place.strides()[0] + i % 3);
          int inSmall = 1 + i / 3 * 4 + i % 3;
          expectedSmall[inSmall] = large[inLarge];
          expectedLarge[inLarge] = small[inSmall];
        }
        assertArrayEquals(expectedSmall, taken, dtype.toString());
        assertArrayEquals(expectedLarge, placed, dtype.toString());
      }
    }
  }
}
