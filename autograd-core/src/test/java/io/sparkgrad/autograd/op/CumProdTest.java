// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesResult;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CumProdTest {

  @Test
  void valuesAreRight() {
    values(v(2, 3, 4).cumprod(0), 2, 6, 24);
    values(t(new double[] {1, 2, 3, 4}, 2, 2).cumprod(0), Shape.of(2, 2), 1, 2, 3, 8);
  }

  @Test
  @DisplayName("RULE-10: without and with zeros")
  void formula() {
    double[] g = {1, 10, 100, 1000};
    values(
        gradient(x -> x.cumprod(0), v(2, 3, 4, 5).requiresGrad_(), g), 61231, 40820, 30600, 24000);
    values(gradient(x -> x.cumprod(0), v(2, 0, 4, 5).requiresGrad_(), g), 1, 40820, 0, 0);
    values(gradient(x -> x.cumprod(0), v(2, 0, 0, 5).requiresGrad_(), g), 1, 20, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, -1})
  void gradientsAreRight(int axis) {
    gradients(x -> x.cumprod(axis), random(1, 2, 3, 2));
    gradients(x -> x.cumprod(axis), random(1, 0, 3, 1));
    gradients(
        x -> x.cumprod(axis), t(new double[] {1, 2, 0, 4, 0, 6, 7, 8}, 2, 2, 2).requiresGrad_());
  }

  @Test
  void saved() {
    savesResult(x -> x.cumprod(0));
    rejectsIntegers("cumprod", x -> x.cumprod(0));
  }
}
