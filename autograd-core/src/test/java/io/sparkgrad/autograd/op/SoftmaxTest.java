// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesResult;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoftmaxTest {
  @Test
  void valuesAreRight() { // e⁰ : e^ln 3 = 1 : 3
    values(v(0, Math.log(3)).softmax(0), 0.25, 0.75);
    values(t(new double[] {0, 0, Math.log(3), 0}, 2, 2).softmax(0), 0.25, 0.5, 0.75, 0.5);
    values(v(1000, 1000, Double.NEGATIVE_INFINITY).softmax(-1), 0.5, 0.5, 0);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "-1"})
  void gradientsAreRight(int axis) {
    gradients(x -> x.softmax(axis), random(1, 2, 3, 1));
    gradients(x -> x.softmax(axis), random(1, 1, 4));
    gradients(x -> x.softmax(axis), random(1, 0, 3));
  }

  @Test
  @DisplayName("INP-6: the result is saved")
  void saves() {
    savesResult(x -> x.softmax(0));
    rejectsIntegers("softmax", x -> x.softmax(0));
  }
}
