// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class CloneTest {

  @Test
  void valuesAreRight() { // a copy
    values(v(1, 2).copy(), 1, 2);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.copy(), random(1, shape));
  }

  @Test
  void saved() {
    savesNothing(x -> x.copy());
  }

  @Test
  void ownsItsStorage() {
    Tensor x = v(1, 2);
    Tensor y = x.copy();
    x.fill_(9);
    values(y, 1, 2);
    assertEquals(DType.INT64, Tensor.of(new long[] {3}).copy().dtype());
  }
}
