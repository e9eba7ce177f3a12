// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GradModeTest {
  @Test
  @DisplayName("MODE-1: scopes nest, and each restores what was before")
  void nesting() {
    assertTrue(GradMode.isEnabled());
    try (var off = GradMode.noGrad()) {
      assertFalse(GradMode.isEnabled());
      try (var on = GradMode.enableGrad()) {
        assertTrue(GradMode.isEnabled());
      }
      assertFalse(GradMode.isEnabled());
      off.close();
      off.close();
      assertTrue(GradMode.isEnabled());
    }
    assertTrue(GradMode.isEnabled());
  }

  @Test
  @DisplayName("MODE-1: ten scopes deep, alternating")
  void deep() {
    nested(10);
    assertTrue(GradMode.isEnabled());
  }

  private static void nested(int depth) {
    boolean on = depth % 2 == 0;
    try (var mode = GradMode.setGradEnabled(on)) {
      if (depth > 0) {
        nested(depth - 1);
      }
      assertEquals(on, GradMode.isEnabled());
    }
  }

  @Test
  @DisplayName("MODE-2, B01: setEnabled lasts until the enclosing scope closes")
  void setEnabled() {
    Tensor x = v(1).requiresGrad_();
    try (var off = GradMode.setGradEnabled(false)) {
      GradMode.setEnabled(true);
      assertTrue(x.mul(2).requiresGrad());
      GradMode.setEnabled(false);
    }
    assertTrue(GradMode.isEnabled());
  }

  @Test
  @DisplayName("MODE-3: an exception restores it too")
  void exception() {
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (var off = GradMode.noGrad()) {
            throw new IllegalStateException();
          }
        });
    assertTrue(GradMode.isEnabled());
  }

  @Test
  @DisplayName("MODE-4: a thread starts with recording on")
  void threads() throws Exception {
    List<Boolean> seen = new ArrayList<>();
    try (var off = GradMode.noGrad()) {
      Thread thread = new Thread(() -> seen.add(GradMode.isEnabled()));
      thread.start();
      thread.join();
    }
    assertEquals(List.of(true), seen);
  }

  @Test
  @DisplayName("B01: under noGrad nothing is recorded, and backward says so")
  void nothingRecorded() {
    Tensor x = v(1).requiresGrad_();
    try (var off = GradMode.noGrad()) {
      Tensor w = x.mul(2);
      assertFalse(w.requiresGrad());
      Throws.saying(AutogradException.class, w::backward, "does not require grad");
    }
  }
}
