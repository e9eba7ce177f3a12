// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class InPlaceGraphTest {
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  private static void assertModified(Executable backward) {
    Throws.saying(InplaceModificationException.class, backward, "modified by an inplace operation");
  }

  /** A write into x after {@code y} was computed from it goes unnoticed, or does not. */
  private static void inputWritten(boolean throwing, UnaryOperator<Tensor> function) {
    Tensor x = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_().copy();
    Tensor y = function.apply(x).sum();
    x.add_(1);
    assertBackward(throwing, y);
  }

  private static void outputWritten(UnaryOperator<Tensor> function) {
    Tensor y = function.apply(leaf(1, 2).copy());
    y.add_(2);
    assertBackward(true, y.sum());
  }

  private static void assertBackward(boolean throwing, Tensor y) {
    if (throwing) {
      assertModified(y::backward);
    } else {
      y.backward();
    }
  }

  @Test
  @DisplayName("INP-3: a tensor that a recorded value is written into becomes part of the graph")
  void becomesRecorded() {
    Tensor r = leaf(3);
    Tensor x = v(1, 2);
    assertSame(x, x.mul_(r));
    assertTrue(x.requiresGrad());
    assertFalse(x.isLeaf());
    assertEquals("MulBackward", x.gradFn().name());
    assertEquals(1, x.version());
    values(x, 3, 6);
    x.backward(v(1, 10));
    values(r.grad(), 21); // 1·1 + 10·2: the values before the write
    assertNull(x.grad());
  }

  @Test
  @DisplayName("INP-3: what is written into integers is converted, and has no history there")
  void integers() {
    Tensor x = Tensor.of(new long[] {1, 2}).copy_(leaf(3, 4));
    values(x, 3, 4);
    assertFalse(x.requiresGrad());
  }

  @Test
  @DisplayName("INP-4: every alias sees the new values and version, also a second time")
  void aliases() {
    Tensor x = leaf(1, 2).copy();
    Tensor alias = x.detach();
    x.exp_();
    x.mul_(x.detach().copy()).zero_().add_(4);
    values(alias, 4, 4);
    assertEquals(4, alias.version());
    alias.fill_(7);
    values(x, 7, 7);
    assertEquals(5, x.version());
  }

  @Test
  @DisplayName("INP-5, C01: a product notices the write into a factor, a sum does not")
  void versions() {
    Tensor y = leaf(4, 4);
    Tensor z = leaf(1, 1).mul(y);
    Tensor q = z.add(y);
    Tensor w = z.mul(y);
    z.add_(v(2, 2));
    q.backward(v(1, 1), RETAIN);
    assertModified(() -> w.backward(v(1, 1)));
    Tensor l = leaf(1, 1);
    Tensor a = l.copy();
    values(a.add_(10), 11, 11);
    Tensor after = a.add(2);
    after.backward(v(1, 1));
    values(l.grad(), 1, 1);
    Tensor product = a.mul(after);
    a.add_(2);
    assertModified(() -> product.backward(v(1, 1)));
  }

  @Test
  @DisplayName("INP-6, C07: what an operation saves must not be written, all else may")
  void table() {
    Tensor partner = t(new double[] {1, 2, 3, 4}, 2, 2);
    Tensor learned = partner.detach().requiresGrad_();
    List<BinaryOperator<Tensor>> products = List.of(Tensor::mul, Tensor::matmul);
    for (BinaryOperator<Tensor> product : products) {
      inputWritten(true, x -> product.apply(x, learned));
      inputWritten(false, x -> product.apply(x, partner));
    }
    List<UnaryOperator<Tensor>> saving =
        List.of(
            x -> partner.div(x),
            x -> x.pow(3),
            Tensor::log,
            Tensor::sin,
            Tensor::square,
            x -> x.clamp(0, 1));
    saving.forEach(f -> inputWritten(true, f));
    List<UnaryOperator<Tensor>> free =
        List.of(
            x -> x.add(learned),
            x -> learned.sub(x),
            x -> x.mul(3),
            Tensor::exp,
            Tensor::relu,
            x -> x.sum(0),
            x -> x.index(Tensor.of(new long[] {0, 1})));
    free.forEach(f -> inputWritten(false, f));
    List<UnaryOperator<Tensor>> savingResult =
        List.of(
            Tensor::exp,
            Tensor::sqrt,
            Tensor::tanh,
            Tensor::sigmoid,
            x -> x.softmax(0),
            x -> x.logSoftmax(0),
            Tensor::relu,
            Tensor::reciprocal);
    savingResult.forEach(InPlaceGraphTest::outputWritten);
  }

  @Test
  @DisplayName("INP-7: writes that save their own result agree with themselves, until the next")
  void ownResult() {
    Tensor x = leaf(0, 1);
    Tensor z = x.mul(1).exp_();
    z.backward(v(1, 1), RETAIN);
    values(x.grad(), 1, Math.E);
    z.add_(1);
    Throws.saying(
        InplaceModificationException.class,
        z.sum()::backward,
        "modified by an inplace operation: FLOAT64 [2], which is output 0 of ExpBackward, is at version 2, expected version 1");
    outputWritten(Tensor::relu_);
    Tensor twice = leaf(0, 1).mul(1).exp_().exp_();
    assertModified(twice.sum()::backward);
  }

  @Test
  @DisplayName("INP-8: a write after backward is recorded as any other")
  void after() {
    Tensor x = leaf(3);
    Tensor y = x.mul(1);
    y.square().backward();
    y.zero_();
    values(x.grad(), 6);
  }

  @Test
  @DisplayName("INP-5: a write of a tensor by itself notices that it overwrote its operand")
  void itself() {
    Tensor x = leaf(1, 2);
    Tensor sum = x.mul(1);
    sum.add_(sum);
    sum.backward(v(1, 1));
    values(x.grad(), 2, 2);
    Tensor product = x.mul(1);
    product.mul_(product);
    values(product, 1, 4);
    assertModified(() -> product.backward(v(1, 1)));
  }

  @Test
  @DisplayName(
      "INP-1, INP-2, A05: a leaf and its views are armed by requiring a gradient, even later")
  void leaves() {
    Tensor a = v(1, 2);
    a.add_(5);
    Tensor b = a.reshape(1, 2);
    b.add_(5);
    a.requiresGrad_(true);
    rejects(
        AutogradException.class,
        "add_: a leaf Variable that requires grad is being used in an in-place operation; write under GradMode.noGrad(), or out of place.",
        () -> a.add_(5));
    rejects(
        AutogradException.class,
        "add_: a view of a leaf Variable that requires grad is being used in an in-place operation; write under GradMode.noGrad(), or out of place.",
        () -> b.add_(5));
    values(a, 11, 12);
    a.detach().reshape(1, 2).add_(1); // what is detached is no view
    try (var mode = GradMode.noGrad()) {
      b.add_(1);
    }
    values(a, 13, 14);
    a.sum().backward();
    values(a.grad(), 1, 1);
  }

  @Test
  @DisplayName("VIEW-2, VIEW-3: writing through a view is refused while recording")
  void throughView() {
    String message =
        "mul_: writing in place through a view while recording is not supported; clone it first, or write into the tensor it was taken from.";
    Tensor base = leaf(1, 2).copy();
    Tensor view = base.reshape(2, 1);
    rejects(UnsupportedOperationException.class, message, () -> view.mul_(2));
    rejects(UnsupportedOperationException.class, message, () -> view.reshape(1, 2).mul_(v(1)));
    rejects(
        UnsupportedOperationException.class, message, () -> v(1, 2).reshape(2, 1).mul_(leaf(2)));
    values(base, 1, 2);
    view.copy().mul_(2).sum().backward();
  }

  @Test
  @DisplayName("CF-8, FLAG-9: what a Function marked dirty follows the same rules")
  void dirty() {
    Function twice =
        new Function() {
          @Override
          protected Tensor[] forward(Context ctx, Object... args) {
            ctx.markDirty((Tensor) args[0]);
            return new Tensor[] {((Tensor) args[0]).mul_(2)};
          }

          @Override
          protected Tensor[] backward(Context ctx, Tensor... g) {
            return new Tensor[] {g[0].mul(2)};
          }
        };
    Tensor x = leaf(1, 2);
    Tensor y = x.copy();
    Tensor view = y.reshape(2, 1);
    y.retainGrad();
    twice.apply(y).sum().backward();
    values(y.grad(), 1, 1);
    values(x.grad(), 2, 2);
    Throws.saying(AutogradException.class, view::sum, "before its base of shape [2] was modified");
    Throws.saying(
        UnsupportedOperationException.class,
        () -> twice.apply(y.reshape(2, 1)),
        "writing in place through a view while recording is not supported; clone it first");
    Throws.saying(
        AutogradException.class,
        () -> twice.apply(x.reshape(2, 1)),
        "a view of a leaf Variable that requires grad");
  }

  @Test
  @DisplayName("VIEW-6, D06: neither may a view that was taken under noGrad")
  void throughNoGradView() {
    Tensor base = leaf(1, 2).copy();
    Tensor view;
    try (var mode = GradMode.noGrad()) {
      view = base.reshape(2, 1);
    }
    rejects(
        AutogradException.class,
        "mul_: a view was created in no_grad mode and is being modified in place with grad mode enabled; clone it first.",
        () -> view.mul_(2));
  }

  @Test
  @DisplayName(
      "VIEW-4, D05: a view taken before its base was written is refused, one after is right")
  void baseWritten() {
    Tensor r = leaf(1);
    Tensor x = v(1, 1);
    Tensor before = x.reshape(2, 1);
    x.add_(r);
    rejects(
        AutogradException.class,
        "a view was taken before its base of shape [2] was modified by an inplace operation that was recorded; call reshape again after the write, or clone the view before it.",
        before::sum);
    x.reshape(2, 1).sum().backward();
    values(r.grad(), 2);
  }

  @Test
  @DisplayName("FLAG-9: a retained gradient is that of the newest version")
  void retained() {
    Tensor x = leaf(1);
    Tensor a = x.copy();
    a.retainGrad();
    a.mul_(2).mul_(3);
    a.sum().backward(null, RETAIN);
    values(a.grad(), 1);
    values(x.grad(), 6);
    assertTrue(a.retainsGrad());
    a.retainGrad();
    a.sum().backward();
    values(a.grad(), 2);
  }

  @Test
  @DisplayName(
      "HOOK-4: a hook sees the gradient of the version it was registered on, newer ones first")
  void hooks() {
    List<String> seen = new ArrayList<>();
    Tensor a = leaf(1).copy();
    a.registerHook(g -> note(seen, "old", g));
    a.mul_(5);
    a.registerHook(g -> note(seen, "new", g));
    a.sum().backward();
    assertEquals(List.of("new 1.0", "old 5.0"), seen);
  }

  private static Tensor note(List<String> seen, String hook, Tensor g) {
    seen.add(hook + " " + g.sum().item());
    return g;
  }

  @Test
  @DisplayName("FLAG-11, A06: detach_ makes a leaf of the same object, but not of a view")
  void detachInPlace() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    Tensor a = x.mul(2);
    Tensor view = a.reshape(2, 1);
    a.retainGrad();
    y.add(a).sum().backward(null, RETAIN);
    assertSame(a, a.detach_());
    assertTrue(a.isLeaf() && !a.requiresGrad() && !a.retainsGrad());
    y.add(a).sum().backward();
    values(x.grad(), 2, 2);
    values(y.grad(), 2, 2);
    assertNotNull(view.gradFn());
    view.sum().backward();
    values(x.grad(), 4, 4);
    rejects(
        AutogradException.class,
        "can't detach views in-place; use detach(), or detach the tensor it was taken from.",
        view::detach_);
    Throws.saying(AutogradException.class, x.reshape(2, 1)::detach_, "detach views in-place");
    assertFalse(x.detach_().requiresGrad());
  }

  @Test
  @DisplayName("C09: values of several leaves in one tensor without a gradient")
  void assembled() {
    Tensor x = Tensor.zeros(3, 2).to(DType.FLOAT64);
    Tensor y = leaf(1, 2);
    Tensor z = leaf(3, 4);
    x.indexPut_(List.of(Tensor.of(new long[] {0})), y);
    x.indexPut_(List.of(Tensor.of(new long[] {1})), z.mul(2));
    values(x, 1, 2, 6, 8, 0, 0);
    x.sum().backward();
    values(y.grad(), 1, 1);
    values(z.grad(), 2, 2);
  }
}
