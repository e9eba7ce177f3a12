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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogSoftmaxTest {

  @Test
  void valuesAreRight() { // x − ln Σ eˣ, also where eˣ overflows
    values(v(0, Math.log(3)).logSoftmax(0), Math.log(0.25), Math.log(0.75));
    values(v(1000, 1000).logSoftmax(-1), -Math.log(2), -Math.log(2));
    values(
        t(new double[] {0, 5, Math.log(3), 5}, 2, 2).logSoftmax(0),
        Math.log(0.25),
        -Math.log(2),
        Math.log(0.75),
        -Math.log(2));
    values(v(0, Math.log(3)).softmax(0), 0.25, 0.75);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "-1"})
  void gradientsAreRight(int axis) {
    gradients(x -> x.logSoftmax(axis), random(1, 2, 1, 3));
    gradients(x -> x.softmax(axis), random(1, 2, 3, 1));
  }

  @Test
  void empty() {
    gradients(x -> x.logSoftmax(-1), random(1, 0, 3));
    gradients(x -> x.logSoftmax(-1), random(1, 3, 0));
  }

  @Test
  void formula() { // g − eʸ·Σ g
    values(gradient(x -> x.logSoftmax(0), v(0, Math.log(3)).requiresGrad_(), 1, 0), 0.75, -0.75);
    savesResult(x -> x.logSoftmax(0));
    rejectsIntegers("log_softmax", x -> x.logSoftmax(0));
  }
}
