// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MaximumTest {

  @Test
  void valuesAreRight() {
    values(v(1, 2, Double.NaN).maximum(v(1, 5, 0)), 1, 5, Double.NaN);
    values(v(1, 2, Double.NaN).minimum(v(1, 5, 0)), 1, 2, Double.NaN);
  }

  @Test
  @DisplayName("G04, RULE-6: equal values share the gradient")
  void ties() {
    Tensor a = v(1, 2, 3).requiresGrad_();
    Tensor b = v(1, 5, 0).requiresGrad_();
    a.maximum(b).sum().backward();
    values(a.grad(), 0.5, 0, 1);
    values(b.grad(), 0.5, 1, 0);
    a.setGrad(null);
    b.setGrad(null);
    a.minimum(b).sum().backward();
    values(a.grad(), 0.5, 1, 0);
    values(b.grad(), 0.5, 0, 1);
  }

  @EachPair
  void gradientsAreRight(Shape a, Shape b) {
    allGradients(in -> in.get(0).maximum(in.get(1)), random(1, a), random(2, b));
    allGradients(in -> in.get(0).minimum(in.get(1)), random(1, a), random(2, b));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "maximum: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).maximum(v(1, 2, 3)));
  }

  @Test
  void integers() {
    rejectsIntegers("minimum", x -> x.minimum(x));
  }
}
