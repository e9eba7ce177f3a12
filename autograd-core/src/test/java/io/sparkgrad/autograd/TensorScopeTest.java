// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.optim.Adam;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TensorScopeTest {
  private static final String GIVEN_BACK =
      "the memory of this tensor was given back when the scope closed in which it was made; keep(...) it in the scope, or use it before.";

  private static Tensor vector() {
    return Tensor.of(new float[] {1, 2});
  }

  private static void assertGone(Tensor t) {
    var e = assertThrows(BackendException.class, t::toDoubleArray);
    assertEquals(GIVEN_BACK, e.getMessage());
  }

  private static void assertAlive(Tensor t, double... expected) {
    assertArrayEquals(expected, t.toDoubleArray());
  }

  @Test
  void givesBackWhatWasMadeInside() {
    Tensor before = vector();
    Tensor inside;
    Tensor kept;
    try (var scope = TensorScope.open()) {
      inside = before.mul(2);
      kept = scope.keep(before.mul(3));
    }
    assertGone(inside);
    assertGone(inside.detach());
    assertAlive(before, 1, 2);
    assertAlive(kept, 3, 6);
    assertAlive(vector(), 1, 2);
  }

  @Test
  void keepsOneLevelAtATime() {
    Tensor kept;
    Tensor twice;
    try (var outer = TensorScope.open()) {
      try (var inner = TensorScope.open()) {
        kept = inner.keep(vector());
        twice = outer.keep(vector());
      }
      assertAlive(kept, 1, 2);
    }
    assertGone(kept);
    assertAlive(twice, 1, 2);
  }

  @Test
  void closingAnOuterScopeClosesThoseInside() {
    TensorScope outer = TensorScope.open();
    TensorScope inner = TensorScope.open();
    Tensor inside = vector();
    outer.close();
    inner.close();
    outer.close();
    assertGone(inside);
    assertAlive(vector(), 1, 2);
  }

  @Test
  @DisplayName("what is made while the scopes are suspended outlives them, what is made after not")
  void suspended() {
    Tensor outside;
    Tensor nested;
    Tensor kept;
    Tensor after;
    try (var outer = TensorScope.open()) {
      try (var suspended = TensorScope.suspend()) {
        outside = vector();
        try (var inner = TensorScope.open()) {
          nested = vector();
          kept = inner.keep(vector());
        }
        assertGone(nested);
      }
      after = vector();
    }
    assertAlive(outside, 1, 2);
    assertAlive(kept, 1, 2);
    assertGone(after);
  }

  @Test
  @DisplayName("closing a scope ends the suspensions inside and gives its own memory back")
  void closingEndsSuspensions() {
    TensorScope outer = TensorScope.open();
    Tensor owned = vector();
    TensorScope suspended = TensorScope.suspend();
    Tensor outside = vector();
    outer.close();
    suspended.close();
    assertGone(owned);
    assertAlive(outside, 1, 2);
  }

  @Test
  void closesWhereItWasOpened() {
    try (var scope = TensorScope.open()) {
      Tensor elsewhere = CompletableFuture.supplyAsync(TensorScopeTest::vector).join();
      var e =
          assertThrows(
              CompletionException.class, () -> CompletableFuture.runAsync(scope::close).join());
      assertEquals(IllegalStateException.class, e.getCause().getClass());
      scope.close();
      assertAlive(elsewhere, 1, 2);
    }
  }

  @Test
  void gradientsLiveAsLongAsTheirTensor() {
    Tensor parameter = vector().requiresGrad_();
    Tensor leaf;
    for (int pass = 0; pass < 2; pass++) {
      try (var scope = TensorScope.open()) {
        leaf = vector().requiresGrad_();
        parameter.mul(leaf).sum().backward();
        assertAlive(leaf.grad(), 1, 2);
      }
      assertGone(leaf.grad());
    }
    assertAlive(parameter.grad(), 2, 4);
    try (var scope = TensorScope.open()) {
      parameter.setGrad(Tensor.of(new float[] {5, 6}));
    }
    assertAlive(parameter.grad(), 5, 6);
  }

  @Test
  void aGradientThatIsDroppedEndsWithTheScope() {
    Tensor x = vector().requiresGrad_();
    x.sum().backward();
    Tensor dropped = x.grad();
    try (var scope = TensorScope.open()) {
      x.zeroGrad(true);
      assertAlive(dropped, 1, 1);
    }
    assertGone(dropped);
  }

  @Test
  void gradientsWithAGraphLiveAsWell() {
    Tensor x = vector().requiresGrad_();
    try (var scope = TensorScope.open()) {
      x.square().sum().backward(null, Autograd.Options.DEFAULT.withCreateGraph(true));
    }
    assertAlive(x.grad(), 2, 4);
  }

  @Test
  void theStateOfAnOptimiserLivesAsLongAsItsParameter() {
    Tensor p = vector().requiresGrad_();
    Adam adam = new Adam(List.of(p), Adam.Options.DEFAULT.withLr(0.5));
    for (int step = 0; step < 2; step++) {
      try (var scope = TensorScope.open()) {
        adam.zeroGrad();
        p.sum().backward();
        adam.step();
      }
    }
    // The gradient is 1, and each step lr·1/(1 + eps).
    assertArrayEquals(new double[] {0, 1}, p.toDoubleArray(), 1e-6);
  }

  @Test
  void writesFromInsideStay() {
    Tensor plain = vector();
    Tensor recorded = vector();
    Tensor data = vector();
    try (var scope = TensorScope.open()) {
      plain.add_(vector());
      recorded.add_(vector().requiresGrad_());
      data.setData(vector().mul(4));
    }
    assertAlive(plain, 2, 4);
    assertAlive(recorded, 2, 4);
    assertAlive(data, 4, 8);
  }

  @Test
  void aGraphEndsWithItsScope() {
    Tensor x = vector().requiresGrad_();
    Tensor loss;
    try (var scope = TensorScope.open()) {
      loss = scope.keep(x.exp().sum());
    }
    var e = assertThrows(BackendException.class, loss::backward);
    assertEquals(GIVEN_BACK, e.getMessage());
  }
}
