// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WhereTest {

  @Test
  void chooses() {
    values(Tensor.where(v(1, 0), v(5, 6), v(7, 8)), 5, 8);
    Tensor bool = Tensor.of(new long[] {0, 1}).to(DType.BOOL);
    values(Tensor.where(bool, v(Double.NaN, 6), v(7, Double.NaN)), 7, 6); // no trace of the other
    values(
        Tensor.where(t(new double[] {1, 0}, 2, 1), v(1, 2), t(new double[] {9}).reshape()),
        Shape.of(2, 2),
        1,
        2,
        9,
        9);
  }

  @Test
  @DisplayName("G13: the gradient goes to what was chosen")
  void split() {
    Tensor a = v(0, 0).requiresGrad_();
    Tensor b = v(0, 0).requiresGrad_();
    Tensor.where(v(1, 0), a, b).backward(v(5, 7));
    values(a.grad(), 5, 0);
    values(b.grad(), 0, 7);
  }

  @EachPair
  void gradientsAreRight(Shape a, Shape b) {
    Tensor condition = random(3, b).gt(v(0));
    allGradients(
        in -> Tensor.where(condition.reshape(b.dims()), in.get(0), in.get(1)),
        random(1, a),
        random(2, b));
  }

  @Test
  @DisplayName("G15, RULE-9: 0·∞ of what was not chosen stays NaN")
  void trap() {
    UnaryOperator<Tensor> f = x -> Tensor.where(x.gt(v(0)), x.sqrt(), v(0));
    values(gradient(f, v(0, 4).requiresGrad_(), 1, 1), Double.NaN, 0.25);
  }

  @Test
  @DisplayName("INP-6, RULE-2: saves the condition; the gradient has the operand's type")
  void savesOnlyTheCondition() {
    Tensor x = v(1, 2).requiresGrad_().copy();
    Tensor y = Where.masked(Tensor.where(v(1, 0), x, x.detach()), v(1, 1));
    try (var mode = GradMode.noGrad()) {
      x.fill_(5);
      y.fill_(5);
    }
    y.backward(v(1, 1));
    Tensor a = Tensor.of(new float[] {1}).requiresGrad_();
    Tensor.where(v(1), a, v(2)).backward(v(3));
    assertEquals(DType.FLOAT32, a.grad().dtype());
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "where: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> Tensor.where(v(1), v(1, 2), v(1, 2, 3)));
  }
}
