// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CastTest {

  @Test
  void valuesAreRight() { // integers are cut off at the point, BOOL is 1 for all but 0
    assertArrayEquals(new long[] {1, -2, 0}, v(1.9, -2.9, 0).to(DType.INT64).toLongArray());
    values(v(1.9, -0.0, Double.NaN).to(DType.BOOL), 1, 0, 1);
    values(Tensor.of(new long[] {3, 0}).to(DType.FLOAT32), 3, 0);
    assertArrayEquals(new float[] {0.1f}, v(0.1).to(DType.FLOAT32).toFloatArray());
  }

  @Test
  @DisplayName("the gradient has the input's type; the same type gives the same tensor")
  void types() {
    Tensor x = Tensor.of(new float[] {1, 2}).requiresGrad_();
    x.to(DType.FLOAT64).mul(v(3, 4)).sum().backward();
    assertEquals(DType.FLOAT32, x.grad().dtype());
    values(x.grad(), 3, 4);
    assertSame(x, x.to(DType.FLOAT32));
  }

  @Test
  @DisplayName("RULE-3: integers have no gradient")
  void integers() {
    assertFalse(v(1).requiresGrad_().to(DType.INT64).requiresGrad());
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    // There and back again in FLOAT64: differences of FLOAT32 would be too coarse.
    gradients(x -> x.mul(2).to(DType.FLOAT64), random(1, shape));
  }
}
