// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InferenceModeTest {
  private final Tensor x = v(1, 2).requiresGrad_();

  private static Tensor inferred(Supplier<Tensor> make) {
    try (var mode = GradMode.inferenceMode()) {
      return make.get();
    }
  }

  @Test
  @DisplayName("MODE-7, B03: nothing is recorded, what is made is an inference tensor")
  void inside() {
    try (var mode = GradMode.inferenceMode()) {
      assertTrue(GradMode.isInferenceMode());
      assertFalse(GradMode.isEnabled());
      Tensor c = Tensor.ones(2);
      assertTrue(c.isInference());
      Throws.saying(AutogradException.class, c::version, "do not track version counter");
      assertFalse(x.mul(2).requiresGrad());
      assertTrue(Tensor.ones(2).requiresGrad_().requiresGrad());
      values(c.add_(c), 2, 2);
    }
    assertFalse(GradMode.isInferenceMode());
    assertTrue(GradMode.isEnabled());
    assertFalse(x.mul(2).isInference());
  }

  @Test
  @DisplayName(
      "MODE-7: switched off inside, and restored; also with enableGrad nothing is recorded")
  void nested() {
    try (var on = GradMode.inferenceMode()) {
      try (var off = GradMode.inferenceMode(false)) {
        assertTrue(x.mul(2).requiresGrad());
        off.close();
        off.close();
        assertTrue(GradMode.isInferenceMode());
      }
      try (var grad = GradMode.enableGrad()) {
        assertNull(x.mul(2).gradFn());
      }
      assertFalse(GradMode.isEnabled());
    }
  }

  @Test
  @DisplayName("MODE-8, B03: a view of a normal tensor is one, and is not to be written outside")
  void views() {
    Tensor view = inferred(() -> x.reshape(2, 1));
    assertFalse(view.isInference());
    assertTrue(view.requiresGrad());
    assertEquals(0, view.version());
    Throws.saying(AutogradException.class, () -> view.mul_(2), "mul_", "created in inference mode");
    values(inferred(() -> v(1, 2).reshape(2, 1)), 1, 2);
    Tensor plain = v(1, 2);
    values(inferred(() -> plain.reshape(2, 1)).mul_(2), 2, 4);
  }

  @Test
  @DisplayName("MODE-9, B03: what cannot be done with an inference tensor outside")
  void outside() {
    Tensor c = inferred(() -> v(3, 4).mul(1));
    Throws.saying(
        AutogradException.class, () -> c.add_(c), "add_", "Inplace update to inference tensor");
    values(c, 3, 4);
    Throws.saying(AutogradException.class, c::requiresGrad_, "on inference tensor");
    Throws.saying(
        AutogradException.class, () -> c.mul(x), "Inference tensors cannot be saved", "Mul");
    Tensor sum = c.add(x);
    assertTrue(sum.requiresGrad());
    sum.sum().backward();
    values(x.grad(), 1, 1);
    values(c.copy().add_(c), 6, 8);
  }

  @Test
  @DisplayName("MODE-10: writing into a normal tensor is noticed by a pending backward")
  void versions() {
    Tensor y = x.square().sum();
    inferred(() -> x.mul_(2));
    assertEquals(1, x.version());
    Throws.saying(InplaceModificationException.class, y::backward, "inplace operation");
  }
}
