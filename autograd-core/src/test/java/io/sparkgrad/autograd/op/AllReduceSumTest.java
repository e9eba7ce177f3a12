// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AllReduceSumTest {
  @Test
  @DisplayName("of three equal processes: y = 3x, and the gradient is the sum of their gradients")
  void sums() {
    EqualProcesses three = new EqualProcesses(3);
    values(AllReduceSum.of(v(1, -2), three), Shape.of(2), 3, -6);
    values(gradient(x -> AllReduceSum.of(x, three), v(1, -2).requiresGrad_(), 5, 7), 15, 21);
  }

  @Test
  void derivatives() {
    gradients(x -> AllReduceSum.of(x.square(), new EqualProcesses(1)), random(1, 2, 3));
  }

  @Test
  void integersAreRejected() {
    rejectsIntegers("all_reduce", x -> AllReduceSum.of(x, new EqualProcesses(1)));
  }
}
