// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InPlaceTest {
  private interface Write {
    Tensor to(Tensor x);
  }

  private static final List<Write> WRITES =
      List.of(
          x -> x.fill_(7),
          Tensor::zero_,
          x -> x.copy_(v(3, 4)),
          x -> x.add_(v(3, 4)),
          x -> x.mul_(2));

  @Test
  void valuesAreRight() {
    values(v(1, 2).fill_(7), 7, 7);
    values(v(1, 2).zero_(), 0, 0);
    values(v(1, 2).add_(v(3, -4)), 4, -2);
    values(InPlace.add(v(1, 2), v(3, -4), 0.5), 2.5, 0);
    values(v(1, 2).mul_(-2), -2, -4);
    values(v(1, 2).copy_(Tensor.of(new long[] {5, 6})), 5, 6);
  }

  @Test
  @DisplayName("INP-4: each write gives the same tensor back and raises the version by one")
  void version() {
    Tensor x = v(1, 2);
    Tensor alias = x.detach();
    for (int i = 0; i < WRITES.size(); i++) {
      assertSame(x, WRITES.get(i).to(x));
      assertEquals(i + 1, x.version());
    }
    assertEquals(WRITES.size(), alias.version());
  }

  @Test
  @DisplayName("MODE-5: under noGrad a leaf that requires a gradient can be written and stays one")
  void underNoGrad() {
    Tensor x = v(1, 2).requiresGrad_();
    try (var mode = GradMode.noGrad()) {
      WRITES.forEach(w -> w.to(x));
    }
    assertEquals(WRITES.size(), x.version());
    assertTrue(x.requiresGrad());
    assertNull(x.gradFn());
  }

  @Test
  @DisplayName("INP-1: a leaf that requires a gradient cannot be written while recording")
  void leaf() {
    Tensor x = v(1, 2).requiresGrad_();
    rejects(
        AutogradException.class,
        "mul_: a leaf Variable that requires grad is being used in an in-place operation; write under GradMode.noGrad(), or out of place.",
        () -> x.mul_(2));
    WRITES.forEach(
        w ->
            assertTrue(
                org.junit.jupiter.api.Assertions.assertThrows(
                        AutogradException.class, () -> w.to(x))
                    .getMessage()
                    .contains("a leaf Variable that requires grad")));
    values(x, 1, 2);
    assertEquals(0, x.version());
  }

  @Test
  @DisplayName("writes that would have to be recorded are refused")
  void recorded() {
    Tensor inner = v(1, 2).requiresGrad_().copy();
    String message =
        "%s: writing in place into the graph is not supported: use the operation that returns a new tensor, or write under GradMode.noGrad().";
    rejects(UnsupportedOperationException.class, message.formatted("fill_"), () -> inner.fill_(1));
    rejects(
        UnsupportedOperationException.class, message.formatted("add_"), () -> v(1, 2).add_(inner));
    rejects(
        UnsupportedOperationException.class,
        message.formatted("copy_"),
        () -> v(1, 2).copy_(inner));
  }

  @Test
  void badInput() {
    rejects(
        ShapeMismatchException.class,
        "add_: expected a tensor of shape [2], got [1]",
        () -> v(1, 2).add_(v(1)));
    rejects(
        AutogradException.class,
        "add_: expected tensors of one dtype, got FLOAT64 and FLOAT32",
        () -> v(1, 2).add_(Tensor.zeros(2)));
    rejects(
        ShapeMismatchException.class,
        "copy_: expected a tensor of shape [2], got [1]",
        () -> v(1, 2).copy_(v(1)));
    assertEquals(DType.BOOL, v(1).to(DType.BOOL).fill_(3).dtype());
  }
}
