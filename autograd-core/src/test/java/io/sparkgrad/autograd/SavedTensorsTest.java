// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SavedTensorsTest {
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  private static void underNoGrad(Runnable write) {
    try (var mode = GradMode.noGrad()) {
      write.run();
    }
  }

  private static void assertModified(Executable backward) {
    Throws.saying(InplaceModificationException.class, backward, "modified by an inplace operation");
  }

  @Test
  @DisplayName("INP-5, C01: the version is checked when the saved tensor is needed, not before")
  void versions() {
    Tensor x = v(1, 1).requiresGrad_();
    Tensor y = v(4, 4).requiresGrad_();
    Tensor z = x.mul(y);
    Tensor q = z.add(y);
    Tensor w = z.mul(y);
    underNoGrad(() -> z.add_(v(2, 2)));
    q.backward(v(1, 1), RETAIN);
    assertModified(() -> w.backward(v(1, 1)));
  }

  @Test
  @DisplayName("INP-5: the message names type, shape, producer and versions")
  void message() {
    Tensor z = v(1, 2).requiresGrad_().mul(3);
    Tensor w = z.square().sum();
    underNoGrad(z::zero_);
    rejects(
        InplaceModificationException.class,
        "a tensor needed for the gradient of PowBackward has been modified by an inplace operation: FLOAT64 [2], which is output 0 of MulBackward, is at version 1, expected version 0. Write out of place, or clone the tensor first; Anomaly.detect() around the forward pass logs where it was needed.",
        w::backward);
  }

  @Test
  @DisplayName("INP-4, C03: noGrad raises the version too")
  void noGrad() {
    Tensor x = v(2, 3).requiresGrad_();
    Tensor z = x.mul(v(1, 1).requiresGrad_()).sum();
    underNoGrad(() -> x.mul_(2));
    assertModified(z::backward);
    assertEquals(1, x.version());
    assertTrue(x.requiresGrad() && x.isLeaf());
  }

  @Test
  @DisplayName("FLAG-10, A08: writing through a detached alias is noticed")
  void detached() {
    Tensor x = v(3).requiresGrad_();
    Tensor y = x.square();
    x.detach().zero_();
    assertModified(y::backward);
  }

  @Test
  @DisplayName("INP-8: after backward has used it a tensor may be overwritten")
  void after() {
    Tensor x = v(3).requiresGrad_();
    x.square().backward();
    underNoGrad(x::zero_);
    values(x.grad(), 6);
  }

  @Test
  @DisplayName("INP-6: reshaped tensors share the version")
  void reshaped() {
    Tensor a = v(1, 2).requiresGrad_().copy();
    Tensor y = a.square().sum();
    underNoGrad(() -> a.reshape(2, 1).fill_(0));
    assertModified(y::backward);
  }
}
