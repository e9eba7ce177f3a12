// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StepFunctionTest {

  @Test
  void valuesAreRight() {
    double inf = Double.POSITIVE_INFINITY;
    Tensor x = v(-1.5, -0.5, 0, 0.5, 1.5, 2.5, inf, Double.NaN);
    values(x.sign(), -1, -1, 0, 1, 1, 1, 1, 0);
    values(x.floor(), -2, -1, 0, 0, 1, 2, inf, Double.NaN);
    values(x.ceil(), -1, 0, 0, 1, 2, 3, inf, Double.NaN);
    values(x.round(), -2, 0, 0, 0, 2, 2, inf, Double.NaN); // halves to the even integer
    values(x.trunc(), -1, 0, 0, 0, 1, 2, inf, Double.NaN);
  }

  @EachShape
  @DisplayName("DBL-3, RULE-3: a gradient of zeros, not none")
  void zeroDerivatives(Shape shape) {
    for (var f : FUNCTIONS) {
      gradients(f, random(1, shape)); // the second derivatives are zeros too
      assertTrue(f.apply(random(1, shape)).requiresGrad());
    }
  }

  @Test
  @DisplayName("G15: floor")
  void floor() {
    Tensor x = v(1.5, 2.5).requiresGrad_();
    assertTrue(x.floor().requiresGrad());
    values(gradient(Tensor::floor, x, 1, 1), 0, 0);
  }

  @Test
  void saved() {
    FUNCTIONS.forEach(OpChecks::savesNothing);
    rejectsIntegers("sign", Tensor::sign);
    rejectsIntegers("floor", Tensor::floor);
    rejectsIntegers("ceil", Tensor::ceil);
    rejectsIntegers("round", Tensor::round);
    rejectsIntegers("trunc", Tensor::trunc);
  }

  private static final List<UnaryOperator<Tensor>> FUNCTIONS =
      List.of(Tensor::sign, Tensor::floor, Tensor::ceil, Tensor::round, Tensor::trunc);
}
