// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.autograd.Trace.Kind;
import io.sparkgrad.backend.DType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TraceTest {
  private final Tensor x = v(1, 2).requiresGrad_();

  private static Kind kind(Tensor t) {
    Trace trace = Trace.of(t);
    assertNotNull(trace);
    return trace.kind();
  }

  @Test
  @DisplayName("nothing is noted unless somebody watches, and scopes nest")
  void scopes() {
    assertNull(Trace.of(x.mul(2)));
    try (var outer = Trace.watch()) {
      try (var inner = Trace.watch()) {
        inner.close();
        inner.close();
        assertNotNull(Trace.of(x.mul(2)));
      }
      assertNotNull(Trace.of(x.mul(2)));
    }
    assertNull(Trace.of(x.mul(2)));
  }

  @Test
  @DisplayName("why a result has a history or none")
  void kinds() {
    try (var scope = Trace.watch()) {
      Tensor y = x.mul(2);
      assertEquals(Kind.RECORDED, kind(y));
      assertEquals(Kind.DETACH, kind(y.detach()));
      assertEquals(Kind.NOT_NEEDED, kind(y.detach().detach()));
      assertEquals(Kind.NOT_NEEDED, kind(v(1).mul(2)));
      assertEquals(Kind.NOT_DIFFERENTIABLE, kind(y.to(DType.INT64)));
      try (var mode = GradMode.noGrad()) {
        assertEquals(Kind.NO_GRAD, kind(x.mul(2)));
        assertEquals(Kind.NOT_NEEDED, kind(v(1).mul(2)));
      }
    }
  }

  @Test
  void wayBack() {
    try (var scope = Trace.watch()) {
      Tensor y = x.mul(v(3, 4));
      Trace trace = Trace.of(y);
      assertEquals("Mul", trace.op());
      assertSame(y.gradFn(), trace.node());
      assertSame(x, trace.inputs().get(0).leaf());
      assertEquals(Kind.LEAF, trace.inputs().get(1).kind());
    }
  }
}
