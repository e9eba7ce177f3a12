// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A scalar takes the axis of a vector, as in PyTorch. */
class ScalarAxisTest {
  private static Tensor scalar(double value) {
    return v(value).sum();
  }

  private static List<UnaryOperator<Tensor>> keeping(int axis) {
    return List.of(
        x -> x.sum(axis),
        x -> x.sum(true, axis),
        x -> x.mean(axis),
        x -> x.amax(axis),
        x -> x.amin(axis),
        x -> x.max(axis).values(),
        x -> x.min(axis, true).values(),
        x -> x.prod(axis),
        x -> x.logSumExp(axis),
        x -> x.norm(2, axis),
        x -> x.cumsum(axis),
        x -> x.cumprod(axis),
        x -> x.flip(axis),
        x -> x.squeeze(axis));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  @DisplayName("RULE-5: over the axis 0 or -1 a scalar stays a scalar of its value")
  void kept(int axis) {
    for (UnaryOperator<Tensor> op : keeping(axis)) {
      values(op.apply(scalar(3)), Shape.scalar(), 3);
      gradients(op, random(1, Shape.scalar()));
    }
    values(scalar(3).var(0, false, axis), Shape.scalar(), 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void others(int axis) {
    values(scalar(3).softmax(axis), Shape.scalar(), 1);
    values(scalar(3).logSoftmax(axis), Shape.scalar(), 0);
    gradients(x -> x.softmax(axis), random(1, Shape.scalar()));
    gradients(x -> x.logSoftmax(axis), random(1, Shape.scalar()));
    values(scalar(3).flatten(axis), Shape.of(1), 3);
    values(scalar(3).argmax(), Shape.scalar(), 0);
    values(scalar(3).max(axis).indices(), Shape.scalar(), 0);
  }

  @Test
  @DisplayName("INP-6: the result owns what it is made of")
  void written() {
    Tensor x = scalar(3);
    for (UnaryOperator<Tensor> op : keeping(0).subList(0, 13)) {
      assertNotSame(x, op.apply(x).add_(1));
      values(x, 3);
    }
  }

  @Test
  void badAxes() {
    rejects(
        IndexOutOfBoundsException.class,
        "axis: expected one in [-1, 1) for shape [], got 1",
        () -> scalar(1).sum(1));
    rejects(
        ShapeMismatchException.class,
        "axis: -1 appears twice in [0, -1] for shape []",
        () -> scalar(1).sum(0, -1));
    for (int axis : new int[] {1, -2}) {
      assertThrows(IndexOutOfBoundsException.class, () -> scalar(1).softmax(axis));
      assertThrows(IndexOutOfBoundsException.class, () -> scalar(1).cumsum(axis));
      assertThrows(IndexOutOfBoundsException.class, () -> scalar(1).flatten(axis));
    }
    assertThrows(IndexOutOfBoundsException.class, () -> scalar(1).select(0, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> scalar(1).size(0));
    assertEquals(0, scalar(1).rank());
  }
}
