// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesResult;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReluTest {

  @Test
  void valuesAreRight() { // max(x, 0); NaN stays
    values(v(-1, 0, 2, Double.NaN).relu(), 0, 0, 2, Double.NaN);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.relu(), random(1, shape));
  }

  @Test
  void saved() {
    savesResult(x -> x.relu());
    rejectsIntegers("relu", x -> x.relu());
  }

  @Test
  @DisplayName("G05, RULE-7: the derivative at 0 is 0")
  void kink() {
    values(gradient(x -> x.relu(), v(-1, 0, 2).requiresGrad_(), 1, 1, 1), 0, 0, 1);
  }

  @Test
  @DisplayName("RULE-7: the derivative at NaN is 1, recorded or not")
  void nan() {
    Tensor x = v(-1, 2, Double.NaN).requiresGrad_();
    values(gradient(a -> a.relu(), x, 3, 4, 5), 0, 4, 5);
    x.setGrad(null);
    x.relu().backward(v(3, 4, 5), Autograd.Options.DEFAULT.withCreateGraph(true));
    values(x.grad(), 0, 4, 5);
  }
}
