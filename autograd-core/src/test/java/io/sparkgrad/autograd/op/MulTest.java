// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.InplaceModificationException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MulTest {

  @Test
  void valuesAreRight() { // a·b
    values(v(3, -2).mul(v(10, 5)), 30, -10);
  }

  @EachPair
  void gradientsAreRight(Shape left, Shape right) {
    allGradients(in -> in.get(0).mul(in.get(1)), random(1, left), random(2, right));
  }

  @Test
  void shapesHaveToBroadcast() {
    rejects(
        ShapeMismatchException.class,
        "mul: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).mul(v(1, 2, 3)));
  }

  @Test
  @DisplayName("RULE-2: FLOAT32 and FLOAT64 give FLOAT64, and each gradient has its operand's type")
  void types() {
    Tensor a = Tensor.of(new float[] {1, 2}).requiresGrad_();
    Tensor b = v(4, 8).requiresGrad_();
    Tensor y = a.mul(b);
    assertEquals(DType.FLOAT64, y.dtype());
    y.backward(v(1, 1));
    assertEquals(DType.FLOAT32, a.grad().dtype());
    assertEquals(DType.FLOAT64, b.grad().dtype());
  }

  @Test
  @DisplayName("G01, RULE-1: a.grad rows [1,2,3], b.grad = [3,5,7]")
  void broadcast() {
    Tensor a = arange(2, 3).requiresGrad_();
    Tensor b = v(1, 2, 3).requiresGrad_();
    a.mul(b).sum().backward();
    values(a.grad(), 1, 2, 3, 1, 2, 3);
    values(b.grad(), 3, 5, 7);
  }

  @Test
  @DisplayName("PRN-3: an operand is saved only if the other wants a gradient")
  void saves() {
    Tensor frozen = v(4, 5);
    Tensor x = v(1, 2).requiresGrad_().copy();
    Tensor y = x.mul(frozen);
    try (var mode = GradMode.noGrad()) {
      x.fill_(0);
    }
    y.backward(v(1, 1)); // x was not needed
    Tensor z = v(1, 2).requiresGrad_().mul(frozen);
    frozen.fill_(0);
    assertThrows(InplaceModificationException.class, () -> z.backward(v(1, 1)));
  }

  @Test
  void constant() {
    values(v(1, -2).mul(3), 3, -6);
    savesNothing(x -> x.mul(3));
  }

  @EachShape
  void constantGradients(Shape shape) {
    gradients(x -> x.mul(3), random(1, shape));
  }
}
