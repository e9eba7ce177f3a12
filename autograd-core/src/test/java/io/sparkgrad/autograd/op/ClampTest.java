// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesInput;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClampTest {

  @Test
  @DisplayName("G05, RULE-7: the derivative on the bounds is 1")
  void bounds() {
    Tensor x = v(-2, -1, 0, 1, 2).requiresGrad_();
    values(x.clamp(-1, 1), -1, -1, 0, 1, 1);
    values(gradient(y -> y.clamp(-1, 1), x, 1, 1, 1, 1, 1), 0, 1, 1, 1, 0);
  }

  @Test
  void oneBound() {
    values(v(-2, 3, Double.NaN).clampMin(0), 0, 3, Double.NaN);
    values(v(-2, 3, Double.NaN).clampMax(0), -2, 0, Double.NaN);
    values(v(-2, 3).clamp(2, 1), 1, 1); // crossed bounds: the upper one
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.clamp(-0.95, 1.05), random(1, shape));
  }

  @Test
  void tensorBounds() {
    Tensor x = v(-2, 0, 1, 3).requiresGrad_();
    Tensor low = v(-1, 0, 0, 0).requiresGrad_();
    Tensor high = v(1, 1, 1, 2).requiresGrad_();
    Tensor y = x.clamp(low, high);
    values(y, -1, 0, 1, 2);
    y.backward(v(1, 10, 100, 1000));
    values(x.grad(), 0, 10, 100, 0);
    values(low.grad(), 1, 0, 0, 0);
    values(high.grad(), 0, 0, 0, 1000);
  }

  @EachPair
  void tensorGradientsAreRight(Shape a, Shape b) {
    allGradients(in -> in.get(0).clampMin(in.get(1)), random(1, a), random(2, b));
    allGradients(in -> in.get(0).clampMax(in.get(1)), random(1, a), random(2, b));
  }

  @Test
  void saved() {
    savesInput(x -> x.clamp(0, 3));
    rejectsIntegers("clamp", x -> x.clamp(0, 1));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "clamp_min: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).clampMin(v(1, 2, 3)));
  }
}
