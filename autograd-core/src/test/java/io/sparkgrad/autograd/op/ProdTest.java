// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProdTest {

  @Test
  void valuesAreRight() {
    Tensor x = t(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
    values(x.prod(), Shape.scalar(), 720);
    values(x.prod(0), Shape.of(3), 4, 10, 18);
    values(x.prod(true, 1), Shape.of(2, 1), 6, 120);
    values(t(new double[0], 0, 3).prod(0), 1, 1, 1);
  }

  @Test
  @DisplayName("RULE-10: one zero, two zeros, some columns")
  void zeros() {
    values(gradient(Tensor::prod, v(2, 0, 3).requiresGrad_(), 1), 0, 6, 0);
    values(gradient(Tensor::prod, v(2, 0, 0).requiresGrad_(), 1), 0, 0, 0);
    values(
        gradient(x -> x.prod(0), t(new double[] {2, 0, 3, 4}, 2, 2).requiresGrad_(), 1, 10),
        3,
        40,
        2,
        0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(Tensor::prod, random(1, shape));
  }

  @Test
  void ofAxes() {
    gradients(x -> x.prod(0, 2), random(1, 2, 3, 2));
    gradients(x -> x.prod(true, 1), random(1, 2, 3, 2));
    gradients(Tensor::prod, v(2, 0, 3, 1.5).requiresGrad_());
    gradients(x -> x.prod(0, 2), t(new double[] {1, 2, 0, 4, 0, 6, 7, 8}, 2, 2, 2).requiresGrad_());
  }

  @Test
  void saved() {
    rejectsIntegers("prod", Tensor::prod);
  }
}
