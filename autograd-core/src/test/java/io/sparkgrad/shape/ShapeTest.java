// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.shape;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void basics() {
    Shape s = Shape.of(2, 3, 4);
    assertEquals(24, s.numel());
    assertEquals(4, s.size(-1));
    assertArrayEquals(new long[] {12, 4, 1}, s.strides());
    assertEquals(s, Shape.of(2, 3, 4));
    assertEquals(s.hashCode(), Shape.of(2, 3, 4).hashCode());
    assertNotEquals(s, Shape.of(2, 3));
    assertEquals("[2, 3, 4]", s.toString());
    assertEquals(1, Shape.scalar().numel());
    assertEquals(0, Shape.of(0, 5).numel());
    assertEquals(Shape.of(2, 7, 4), s.withSize(1, 7));
    assertEquals(Shape.of(2, 4), s.reduced(new boolean[] {false, true, false}, false));
    assertEquals(Shape.of(2, 1, 4), s.reduced(new boolean[] {false, true, false}, true));
  }

  @Test
  void isImmutable() {
    long[] dims = {2, 3};
    Shape s = Shape.of(dims);
    dims[0] = 9;
    s.dims()[1] = 9;
    assertEquals(Shape.of(2, 3), s);
  }

  @Test
  void badSizes() {
    rejects(
        ShapeMismatchException.class,
        "shape: expected sizes of 0 or more, got [2, -1]",
        () -> Shape.of(2, -1));
    rejects(
        IndexOutOfBoundsException.class,
        "axis: expected one in [-2, 2) for shape [2, 3], got -3",
        () -> Shape.of(2, 3).size(-3));
    assertThrows(ArithmeticException.class, () -> Shape.of(1L << 62, 4));
  }

  @Test
  void broadcasting() {
    assertEquals(Shape.of(2, 4, 3), Broadcasting.of("op", Shape.of(2, 1, 3), Shape.of(4, 1)));
    assertEquals(Shape.of(0), Broadcasting.of("op", Shape.of(1), Shape.of(0)));
    assertTrue(Broadcasting.stretches(Shape.of(1, 3), Shape.of(2, 4, 3)));
    assertFalse(Broadcasting.stretches(Shape.of(2, 3), Shape.of(3)));
    assertFalse(Broadcasting.stretches(Shape.of(2), Shape.of(3)));
    assertArrayEquals(
        new boolean[] {true, true, false},
        Broadcasting.stretchedAxes(Shape.of(1, 3), Shape.of(2, 4, 3)));
    assertArrayEquals(
        new long[] {0, 0, 1}, Broadcasting.strides(Shape.of(1, 3), Shape.of(2, 4, 3)));
  }
}
