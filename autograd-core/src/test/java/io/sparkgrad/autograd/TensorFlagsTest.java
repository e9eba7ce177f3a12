// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorFlagsTest {
  @Test
  @DisplayName("FLAG-1: a new tensor has no history, no gradient and version 0")
  void fresh() {
    Tensor x = v(1);
    assertFalse(x.requiresGrad());
    assertTrue(x.isLeaf());
    assertNull(x.gradFn());
    assertNull(x.grad());
    assertEquals(0, x.version());
  }

  @Test
  @DisplayName(
      "FLAG-2, FLAG-3, A01: the result of an operation requires a gradient if an input does")
  void propagation() {
    Tensor x = v(1);
    Tensor z = v(3).requiresGrad_();
    Tensor sum = x.add(v(2));
    assertFalse(sum.requiresGrad());
    assertTrue(sum.isLeaf());
    assertNull(sum.gradFn());
    Tensor all = sum.add(z);
    assertTrue(all.requiresGrad());
    assertFalse(all.isLeaf());
    assertEquals("AddBackward", all.gradFn().name());
    all.backward();
    values(z.grad(), 1);
    assertNull(x.grad());
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  @DisplayName("FLAG-4, A03: only floating point tensors can require a gradient")
  void types(DType dtype) {
    Tensor x = v(1).to(dtype);
    x.requiresGrad_(false);
    if (dtype.isFloatingPoint()) {
      assertSame(x, x.requiresGrad_());
      assertTrue(x.requiresGrad());
    } else {
      rejects(
          AutogradException.class,
          "only tensors of floating point dtype can require gradients, got " + dtype,
          x::requiresGrad_);
    }
  }

  @Test
  @DisplayName("FLAG-5: on a non-leaf true changes nothing and false throws")
  void nonLeaf() {
    Tensor y = v(1).requiresGrad_().mul(2);
    assertSame(y, y.requiresGrad_(true));
    Throws.saying(
        AutogradException.class,
        () -> y.requiresGrad_(false),
        "requires_grad flags of leaf",
        "detach()");
  }

  @Test
  @DisplayName("FLAG-6: made under noGrad a tensor can still be told to require a gradient")
  void underNoGrad() {
    try (var mode = GradMode.noGrad()) {
      Tensor x = v(1).requiresGrad_();
      assertTrue(x.requiresGrad() && x.isLeaf());
      assertFalse(x.mul(2).requiresGrad());
    }
  }

  @Test
  @DisplayName("FLAG-7: a non-leaf keeps no gradient")
  void noGradOnNonLeaf() {
    Tensor y = v(1).requiresGrad_().mul(2);
    y.backward();
    assertNull(y.grad());
  }

  @Test
  @DisplayName("FLAG-8, A09: retainGrad accumulates on a non-leaf, does nothing on a leaf")
  void retainGrad() {
    Tensor x = t(new double[] {1, 2, 3}, 1, 3).requiresGrad_();
    Tensor h = x.mul(3);
    Tensor o = h.square().sum();
    h.retainGrad();
    h.retainGrad();
    assertTrue(h.retainsGrad());
    o.backward(null, Autograd.Options.DEFAULT.withRetainGraph(true));
    values(h.grad(), 6, 12, 18);
    o.backward(null, Autograd.Options.DEFAULT.withRetainGraph(true));
    values(h.grad(), 12, 24, 36);
    values(x.grad(), 36, 72, 108);
    x.grad().zero_();
    x.retainGrad();
    assertFalse(x.retainsGrad());
    o.backward();
    values(x.grad(), 18, 36, 54);
    Throws.saying(AutogradException.class, v(1)::retainGrad, "can't retain_grad");
  }

  @Test
  @DisplayName("FLAG-10, A06: detach shares storage and version, and stops the gradient")
  void detach() {
    Tensor x = v(1, 2).requiresGrad_();
    Tensor y = x.mul(2).detach();
    assertFalse(y.requiresGrad());
    assertNull(y.gradFn());
    x.add(y).sum().backward();
    values(x.grad(), 1, 1);
    y.detach().fill_(9);
    values(y, 9, 9);
    assertEquals(1, y.version());
  }

  @Test
  @DisplayName("FLAG-12: what can be assigned as a gradient")
  void assignedGradient() {
    Tensor x = v(1, 2).requiresGrad_();
    Tensor g = v(3, 4);
    x.setGrad(g);
    assertSame(g, x.grad());
    x.setGrad(null);
    assertNull(x.grad());
    String wrong = "attempting to assign a gradient of size";
    Throws.saying(AutogradException.class, () -> x.setGrad(v(1)), wrong, "[1]", "[2]");
    Throws.saying(AutogradException.class, () -> x.setGrad(Tensor.zeros(2)), wrong, "FLOAT32");
    Throws.saying(AutogradException.class, () -> x.setGrad(x), "its own gradient");
    Tensor elsewhere =
        Tensor.zeros(
            Shape.of(2), DType.FLOAT64, new CountingBackend(Backends.byName("java")).backend());
    Throws.saying(AutogradException.class, () -> x.setGrad(elsewhere), wrong);
  }

  @Test
  @DisplayName("FLAG-13, E22: one edge per input, in order; one accumulator per leaf")
  void nextFunctions() {
    Tensor x = v(1).requiresGrad_();
    Tensor y = v(2).requiresGrad_();
    Tensor sum = x.add(y);
    List<Edge> next = sum.gradFn().nextFunctions();
    assertEquals(
        List.of("AccumulateGrad", "AccumulateGrad"),
        next.stream().map(e -> e.node().name()).toList());
    assertEquals(0, next.get(0).outputNr());
    assertSame(next.get(0).node(), x.mul(3).gradFn().nextFunctions().get(0).node());
    List<Edge> again = sum.mul(v(5)).gradFn().nextFunctions();
    assertSame(sum.gradFn(), again.get(0).node());
    assertNull(again.get(1));
  }

  @Test
  @DisplayName("FLAG-14: item() wants one element")
  void item() {
    assertEquals(4, t(new double[] {4}, 1, 1).item());
    rejects(
        IllegalArgumentException.class,
        "item: expected a tensor of one element, got shape [2]",
        v(1, 2)::item);
  }

  @Test
  void text() {
    assertEquals("Tensor[2] {1.00000, 2.50000} (FLOAT64)", v(1, 2.5).toString());
    assertEquals(
        "Tensor[1] {2.00000} (FLOAT64, gradFn=MulBackward)",
        v(1).requiresGrad_().mul(2).toString());
    assertEquals("Tensor[30] (FLOAT64)", arange(30).toString());
  }

  @Test
  void wrongNumberOfValues() {
    rejects(
        ShapeMismatchException.class,
        "tensor: expected 4 values for shape [2, 2], got 3",
        () -> t(new double[3], 2, 2));
  }
}
