// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VarianceTest {

  @Test
  @DisplayName("G08: variance and standard deviation")
  void ofThreeValues() {
    // Σ (x − x̄)²/(n − 1), 2(x − x̄)/(n − 1)
    values(v(1, 2, 4).var(), 2.333333333333333);
    values(
        gradient(Tensor::var, v(1, 2, 4).requiresGrad_(), 1),
        -1.3333333333333335,
        -0.3333333333333335,
        1.6666666666666665);
    values(v(1, 2, 4).std(), 1.5275252316519465);
    values(
        gradient(Tensor::std, v(1, 2, 4).requiresGrad_(), 1),
        -0.43643578047198484,
        -0.10910894511799625,
        0.5455447255899809);
  }

  @Test
  void correction() {
    Tensor x = t(new double[] {1, 3, 2, 6}, 2, 2);
    values(x.var(0, true, 1), Shape.of(2, 1), 1, 4);
    values(x.std(0, false, 1), Shape.of(2), 1, 2);
    values(v(7).var(), Double.NaN); // no degree of freedom
    values(v(7).std(), Double.NaN);
    values(v(1, 3).var(5, false), Double.POSITIVE_INFINITY);
  }

  @Test
  @DisplayName("RULE-7: the derivative of the standard deviation at 0 is 0")
  void constant() {
    values(gradient(Tensor::std, v(2, 2, 2).requiresGrad_(), 1), 0, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1})
  void gradientsAreRight(int axis) {
    gradients(x -> x.var(1, false, axis), random(1, 2, 3, 2));
    gradients(x -> x.std(0, true, axis), random(1, 2, 3, 2));
    gradients(Tensor::std, random(1, 5));
    gradients(x -> x.var(0, 1), random(1, 2, 3, 2));
    gradients(x -> x.var(1, false, 1), random(1, 0, 3));
  }
}
