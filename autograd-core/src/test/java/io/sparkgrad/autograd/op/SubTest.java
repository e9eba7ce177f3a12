// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SubTest {

  @Test
  void valuesAreRight() { // a − b
    values(v(1, -2).sub(v(10, 5)), -9, -7);
  }

  @EachPair
  void gradientsAreRight(Shape left, Shape right) {
    allGradients(in -> in.get(0).sub(in.get(1)), random(1, left), random(2, right));
  }

  @Test
  void shapesHaveToBroadcast() {
    rejects(
        ShapeMismatchException.class,
        "sub: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).sub(v(1, 2, 3)));
  }

  @Test
  @DisplayName("RULE-2: FLOAT32 and FLOAT64 give FLOAT64, and each gradient has its operand's type")
  void types() {
    Tensor a = Tensor.of(new float[] {1, 2}).requiresGrad_();
    Tensor b = v(4, 8).requiresGrad_();
    Tensor y = a.sub(b);
    assertEquals(DType.FLOAT64, y.dtype());
    y.backward(v(1, 1));
    assertEquals(DType.FLOAT32, a.grad().dtype());
    assertEquals(DType.FLOAT64, b.grad().dtype());
  }

  @Test
  void savesNothing() {
    OpChecks.savesNothing(x -> x.sub(x));
  }
}
