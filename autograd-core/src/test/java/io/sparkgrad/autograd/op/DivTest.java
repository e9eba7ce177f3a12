// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DivTest {

  @Test
  void valuesAreRight() { // a/b; x/0 is ±∞, 0/0 NaN
    values(v(3, -2, 0).div(v(2, 0, 0)), 1.5, Double.NEGATIVE_INFINITY, Double.NaN);
  }

  @EachPair
  void gradientsAreRight(Shape left, Shape right) {
    allGradients(in -> in.get(0).div(in.get(1)), random(1, left), positive(2, right));
  }

  @Test
  void shapesHaveToBroadcast() {
    rejects(
        ShapeMismatchException.class,
        "div: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).div(v(1, 2, 3)));
  }

  @Test
  @DisplayName("RULE-2: FLOAT32 and FLOAT64 give FLOAT64, and each gradient has its operand's type")
  void types() {
    Tensor a = Tensor.of(new float[] {1, 2}).requiresGrad_();
    Tensor b = v(4, 8).requiresGrad_();
    Tensor y = a.div(b);
    assertEquals(DType.FLOAT64, y.dtype());
    y.backward(v(1, 1));
    assertEquals(DType.FLOAT32, a.grad().dtype());
    assertEquals(DType.FLOAT64, b.grad().dtype());
  }

  @Test
  void byItself() { // d(x/x) = 0
    values(gradient(x -> x.div(x), v(2, 3).requiresGrad_(), 1, 1), 0, 0);
  }

  @Test
  void constant() {
    assertArrayEquals(new double[] {1.0 / 3, 7.0 / 3}, v(1, 7).div(3).toDoubleArray());
    values(v(1e-310).div(1e-310), 1); // 1/1e-310 is not a number that is left
    savesNothing(x -> x.div(3));
  }

  @EachShape
  void constantGradients(Shape shape) {
    gradients(x -> x.div(3), random(1, shape));
  }

  @Test
  @DisplayName("−a/b² where b² is 0 or infinite")
  void extremeDivisors() {
    values(
        gradient(b -> v(1e-200, 1e300).div(b), v(1e-200, 1e200).requiresGrad_(), 1, 1),
        -1e200,
        -1e-100);
  }
}
