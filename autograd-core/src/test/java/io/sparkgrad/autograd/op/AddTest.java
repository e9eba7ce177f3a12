// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AddTest {

  @Test
  void valuesAreRight() { // a + b
    values(v(1, -2).add(v(10, 5)), 11, 3);
  }

  @EachPair
  void gradientsAreRight(Shape left, Shape right) {
    allGradients(in -> in.get(0).add(in.get(1)), random(1, left), random(2, right));
  }

  @Test
  void shapesHaveToBroadcast() {
    rejects(
        ShapeMismatchException.class,
        "add: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).add(v(1, 2, 3)));
  }

  @Test
  @DisplayName("RULE-2: FLOAT32 and FLOAT64 give FLOAT64, and each gradient has its operand's type")
  void types() {
    Tensor a = Tensor.of(new float[] {1, 2}).requiresGrad_();
    Tensor b = v(4, 8).requiresGrad_();
    Tensor y = a.add(b);
    assertEquals(DType.FLOAT64, y.dtype());
    y.backward(v(1, 1));
    assertEquals(DType.FLOAT32, a.grad().dtype());
    assertEquals(DType.FLOAT64, b.grad().dtype());
  }

  @Test
  void scalarAndWhatIsSaved() {
    values(v(1, 2).add(0.5), 1.5, 2.5);
    savesNothing(x -> x.add(x));
    savesNothing(x -> x.add(3));
  }

  @Test
  @DisplayName("RULE-2: a scalar tensor does not widen a tensor")
  void scalarTensor() {
    Tensor x = Tensor.of(new float[] {1, 2});
    assertEquals(DType.FLOAT32, x.add(v(3).reshape()).dtype());
    assertEquals(DType.FLOAT32, v(3).reshape().add(x).dtype());
  }

  @EachShape
  void scalarGradients(Shape shape) {
    gradients(x -> x.add(3), random(1, shape));
  }
}
