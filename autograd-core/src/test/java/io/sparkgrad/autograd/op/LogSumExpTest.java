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
import org.junit.jupiter.api.Test;

class LogSumExpTest {

  @Test
  void valuesAreRight() {
    // ln Σ eˣ
    double inf = Double.POSITIVE_INFINITY;
    values(v(0, Math.log(3)).logSumExp(), Shape.scalar(), Math.log(4));
    values(
        t(new double[] {1000, 1000, -1000, -1000}, 2, 2).logSumExp(1),
        1000 + Math.log(2),
        -1000 + Math.log(2));
    values(
        t(new double[] {-inf, -inf, inf, 0}, 2, 2).logSumExp(true, 1), Shape.of(2, 1), -inf, inf);
    values(random(1, 0, 2).logSumExp(0), -inf, -inf);
  }

  @Test
  void formula() {
    // eˣ⁻ʸ
    values(gradient(Tensor::logSumExp, v(0, Math.log(3)).requiresGrad_(), 1), 0.25, 0.75);
    double inf = Double.POSITIVE_INFINITY;
    values(gradient(Tensor::logSumExp, v(-inf, -inf).requiresGrad_(), 1), 0, 0);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.logSumExp(), random(1, shape));
  }

  @Test
  void ofAxes() {
    gradients(x -> x.logSumExp(0, 2), random(1, 2, 3, 2));
    gradients(x -> x.logSumExp(true, -1), random(1, 2, 1, 3));
    rejectsIntegers("logsumexp", Tensor::logSumExp);
  }

  @Test
  void gradientsOfNanAreNan() {
    double nan = Double.NaN;
    values(gradient(x -> x.logSumExp(), v(1, nan).requiresGrad_(), 1), nan, nan);
  }
}
