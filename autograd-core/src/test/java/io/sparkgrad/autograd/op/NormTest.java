// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormTest {

  @Test
  void valuesAndDerivatives() {
    values(v(3, -4, 0).norm(2), 5);
    values(gradient(x -> x.norm(2), v(3, -4, 0).requiresGrad_(), 1), 0.6, -0.8, 0);
    values(v(3, -4, 0).norm(1), 7);
    values(gradient(x -> x.norm(1), v(3, -4, 0).requiresGrad_(), 1), 1, -1, 0);
    values(v(3, -4, 0).norm(3), 4.497941445275415);
    values(
        gradient(x -> x.norm(3), v(3, -4, 0).requiresGrad_(), 1),
        0.4448513517305356,
        -0.7908468475209521,
        0);
    values(v(3, -4, 0).norm(1.5), 5.584250376480029);
    values(
        gradient(x -> x.norm(1.5), v(3, -4, 0).requiresGrad_(), 1),
        0.7329564758289748,
        -0.8463452372482761,
        0);
    values(v(3, -4, 0).norm(0), 2);
    values(v(Double.NaN, 0).norm(0), 1);
    values(gradient(x -> x.norm(0), v(3, -4, 0).requiresGrad_(), 1), 0, 0, 0);
    values(v(3, -4, 0).norm(Double.POSITIVE_INFINITY), 4);
    values(
        gradient(x -> x.norm(Double.POSITIVE_INFINITY), v(3, -4, 0).requiresGrad_(), 1), 0, -1, 0);
    values(v(3, -4, 0).norm(Double.NEGATIVE_INFINITY), 0);
    values(
        gradient(x -> x.norm(Double.NEGATIVE_INFINITY), v(3, -4, 0).requiresGrad_(), 1), 0, 0, 0);
  }

  @Test
  @DisplayName("G08, RULE-7: the derivative at 0 is 0")
  void zero() {
    values(v(3, 4).norm(), 5);
    values(gradient(Tensor::norm, v(3, 4).requiresGrad_(), 1), 0.6, 0.8);
    values(gradient(Tensor::norm, v(0, 0).requiresGrad_(), 1), 0, 0);
    values(gradient(x -> x.norm(3), v(0, 0).requiresGrad_(), 1), 0, 0);
    values(gradient(x -> x.norm(1.5), v(0, 0).requiresGrad_(), 1), 0, 0);
  }

  @Test
  @DisplayName("RULE-6: the maximum norm splits evenly")
  void ties() {
    values(
        gradient(x -> x.norm(Double.POSITIVE_INFINITY), v(2, -2, 1).requiresGrad_(), 1),
        0.5,
        -0.5,
        0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {2, 1, 3, 1.5, 0.5, -1, 0, Double.POSITIVE_INFINITY})
  void gradientsAreRight(double p) {
    gradients(x -> x.norm(p), random(1, 7));
    gradients(x -> x.norm(p, true, 1), random(1, 2, 3, 1));
    gradients(x -> x.norm(p, 0, -1), random(1, 2, 3, 2));
    gradients(x -> x.norm(p, -1), random(1, 0, 3));
  }

  @Test
  void integers() {
    rejectsIntegers("norm", Tensor::norm);
  }
}
