// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Writing in place with an operand of another type. */
class InPlaceTypesTest {
  @Test
  @DisplayName("RULE-2: computed in the wider type, kept in the target's")
  void mixed() {
    Tensor x = Tensor.of(new float[] {1, 2});
    values(x.add_(v(.5, .5)).sub_(v(1, 0)).mul_(v(4, 2)).div_(v(2, 1)), 1, 5);
    values(x.add_(Tensor.of(new long[] {1, 2})), 2, 7);
    assertEquals(DType.FLOAT32, x.dtype());
    Tensor wide = v(1, 2).requiresGrad_();
    Tensor.of(new float[] {1, 2}).mul_(wide).sum().backward();
    values(wide.grad(), 1, 2);
    assertEquals(DType.FLOAT64, wide.grad().dtype());
  }

  @Test
  @DisplayName("RULE-2: integers do not take fractions in place")
  void integers() {
    rejects(
        AutogradException.class,
        "add_: result type FLOAT64 can't be cast to the desired output type INT64; convert the target with to(FLOAT64)",
        () -> Tensor.of(new long[] {1, 2}).add_(v(.5, .5)));
  }
}
