// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConcatTest {

  @Test
  void valuesAreRight() {
    Tensor a = t(new double[] {1, 2, 3, 4}, 2, 2);
    Tensor b = t(new double[] {5, 6}, 2, 1);
    values(Concat.of(List.of(a, b), 1), Shape.of(2, 3), 1, 2, 5, 3, 4, 6);
    values(Concat.of(List.of(a, a), -2), Shape.of(4, 2), 1, 2, 3, 4, 1, 2, 3, 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, -1})
  void gradientsAreRight(int axis) {
    Shape shape = Shape.of(2, 1, 3);
    allGradients(
        in -> Concat.of(in, axis),
        random(1, shape),
        random(2, shape.withSize(axis, 0)),
        random(3, shape.withSize(axis, 4)));
  }

  @Test
  @DisplayName(
      "G13: cat([2],[1]) with go [1,2,3] gives [1,2] and [3]; an input without gradient none")
  void parts() {
    Tensor a = v(1, 2).requiresGrad_();
    Tensor b = v(3).requiresGrad_();
    Tensor c = v(4);
    Concat.of(List.of(a, b, c), 0).backward(v(1, 2, 3, 4));
    values(a.grad(), 1, 2);
    values(b.grad(), 3);
    assertNull(c.grad());
  }

  @Test
  void anyType() {
    Tensor a = Tensor.of(new long[] {1, Long.MAX_VALUE});
    assertArrayEquals(
        new long[] {1, Long.MAX_VALUE, 1, Long.MAX_VALUE},
        Concat.of(List.of(a, a), 0).toLongArray());
  }

  @Test
  void badInput() {
    rejects(
        ShapeMismatchException.class,
        "cat: expected at least one tensor, got none",
        () -> Concat.of(List.of(), 0));
    rejects(
        ShapeMismatchException.class,
        "cat: expected shapes that agree but for axis 0, got [2] and [1, 2]",
        () -> Concat.of(List.of(v(1, 2), t(new double[2], 1, 2)), 0));
    rejects(
        AutogradException.class,
        "cat: expected tensors of one dtype, got FLOAT64 and INT64",
        () -> Concat.of(List.of(v(1), Tensor.of(new long[] {1})), 0));
  }
}
