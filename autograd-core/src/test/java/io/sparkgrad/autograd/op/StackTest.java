// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StackTest {
  @Test
  @DisplayName("G13: stack([x, 2x]) with go [[1, 1, 1], [1, 2, 3]] gives [3, 5, 7]")
  void twice() {
    Tensor x = v(1, 2, 3).requiresGrad_();
    Tensor y = Stack.of(List.of(x, x.mul(2)), 0);
    values(y, Shape.of(2, 3), 1, 2, 3, 2, 4, 6);
    y.backward(t(new double[] {1, 1, 1, 1, 2, 3}, 2, 3));
    values(x.grad(), 3, 5, 7);
    values(Stack.of(List.of(v(1, 2), v(3, 4)), -1), Shape.of(2, 2), 1, 3, 2, 4);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    allGradients(in -> Stack.of(in, -1), random(1, shape), random(2, shape));
    allGradients(in -> Stack.of(in, 0), random(1, shape));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "stack: expected at least one tensor, got none",
        () -> Stack.of(List.of(), 0));
    rejects(
        ShapeMismatchException.class,
        "stack: expected tensors of one shape, got [2] and [3]",
        () -> Stack.of(List.of(v(1, 2), v(1, 2, 3)), 0));
  }
}
