// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.shape.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Writes through what shares storage with another tensor, and into what does not. */
class InPlaceViewsTest {
  private static final List<UnaryOperator<Tensor>> SHARING =
      List.of(
          x -> x.reshape(4),
          x -> x.flatten(0),
          x -> x.unsqueeze(1),
          Tensor::squeeze,
          Tensor::detach);

  private static final List<UnaryOperator<Tensor>> COPYING =
      List.of(
          Tensor::t,
          x -> x.transpose(0, 1),
          x -> x.permute(0, 1),
          x -> x.expand(3, 2, 2),
          x -> x.narrow(0, 0, 2),
          x -> x.slice(0, 0, 2, 1),
          x -> x.select(0, 1),
          Tensor::diagonal,
          x -> x.split(0, 1, 1).get(0),
          x -> x.chunk(0, 2).get(0),
          x -> x.unbind(0).get(0));

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  /** The cases' root: [[1, 2], [3, 4]]. */
  private static Tensor root() {
    return t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
  }

  @Test
  @DisplayName("VIEW-1: reshapes share storage and version with their source, all others copy")
  void sharing() {
    for (UnaryOperator<Tensor> view : SHARING) {
      Tensor x = root().detach();
      view.apply(x).add_(1);
      values(x, 2, 3, 4, 5);
      assertEquals(1, x.version());
      assertEquals(1, view.apply(x).version());
    }
    for (UnaryOperator<Tensor> copy : COPYING) {
      Tensor x = root().detach();
      copy.apply(x).add_(1);
      values(x, 1, 2, 3, 4);
      assertEquals(0, x.version());
      assertEquals(0, copy.apply(x.add_(1)).version());
    }
  }

  @Test
  @DisplayName("VIEW-2: a write through a view gives base, view and siblings the new history")
  void throughView() {
    Tensor root = root();
    Tensor x = root.copy();
    Tensor sibling = x.reshape(4, 1);
    Tensor view = x.reshape(1, 2, 2).flatten(0);
    view.mul_(v(1, 10, 100, 1000));
    values(x, Shape.of(2, 2), 1, 20, 300, 4000);
    values(sibling, Shape.of(4, 1), 1, 20, 300, 4000);
    assertEquals(1, sibling.version());
    for (Tensor t : List.of(x, view, sibling)) {
      root.setGrad(null);
      t.sum().backward(null, Autograd.Options.DEFAULT.withRetainGraph(true));
      values(root.grad(), 1, 10, 100, 1000);
    }
    assertEquals(
        "MulBackward",
        view.gradFn().nextFunctions().get(0).node().nextFunctions().get(0).node().name());
  }

  @Test
  @DisplayName("VIEW-2: writes through several views in turn have the gradient of the whole")
  void several() {
    gradients(
        leaf -> {
          Tensor x = leaf.mul(1);
          Tensor rows = x.reshape(3, 2);
          Tensor flat = x.flatten(0);
          rows.mul_(arange(3, 2).add(1));
          flat.clamp_(-9, 9);
          x.div_(3);
          rows.add_(flat.copy().reshape(3, 2));
          return x.mul(flat.reshape(2, 3)).add(rows.reshape(2, 3));
        },
        random(1, 2, 3));
    gradients(x -> x.mul(1).reshape(0, 3).mul_(2), random(1, 0, 3));
    gradients(x -> x.mul(1).unsqueeze(0).exp_(), random(1));
  }

  @Test
  @DisplayName("VIEW-2, INP-5: what was saved before the write notices it")
  void saved() {
    Tensor x = root().copy();
    Tensor view = x.reshape(4);
    Tensor y = x.square();
    view.add_(1);
    Throws.saying(
        InplaceModificationException.class, y.sum()::backward, "modified by an inplace operation");
    Tensor product = view.mul_(view);
    Throws.saying(
        InplaceModificationException.class,
        product.sum()::backward,
        "modified by an inplace operation");
  }

  @Test
  @DisplayName("VIEW-3: a recorded value that is written through a view makes the base recorded")
  void recordedOperand() {
    Tensor r = leaf(5);
    Tensor base = v(1, 2);
    Tensor view = base.reshape(2, 1);
    view.mul_(r);
    assertTrue(base.requiresGrad() && !base.isLeaf() && view.requiresGrad());
    base.backward(v(1, 10));
    values(r.grad(), 21); // 1·1 + 10·2: the values before
    assertNull(base.grad());
  }

  @Test
  @DisplayName("VIEW-4, D05: a view taken before its base was written depends on the write")
  void baseWritten() {
    Tensor r = leaf(1);
    Tensor x = v(1, 1, 1, 1, 1);
    Tensor view = x.reshape(5, 1);
    Tensor copy = x.select(0, 1);
    assertFalse(view.requiresGrad());
    x.add_(r);
    try (var mode = GradMode.inferenceMode()) {
      assertTrue(view.requiresGrad()); // found now, and kept
    }
    assertFalse(copy.requiresGrad());
    values(copy, 1);
    view.select(0, 1).backward();
    values(r.grad(), 1);
    x.select(0, 1).backward();
    values(r.grad(), 2);
  }

  @Test
  @DisplayName(
      "FLAG-11, VIEW-4: a base that is detached leaves its views attached, until the next write")
  void baseDetached() {
    Tensor root = root();
    Tensor x = root.copy();
    Tensor view = x.reshape(4);
    x.mul_(2).detach_();
    Tensor after = x.reshape(4);
    assertFalse(x.requiresGrad() || after.requiresGrad());
    view.sum().backward();
    values(root.grad(), 2, 2, 2, 2);
    Tensor r = leaf(3);
    x.mul_(r);
    view.add(after).sum().backward();
    values(r.grad(), 40); // 2·Σ of the values before, 2, 4, 6 and 8
  }

  @Test
  @DisplayName("D01, D03: a narrow is a copy; index assignment writes the region itself")
  void region() {
    Tensor root = root();
    Tensor x = root.copy();
    Tensor row = x.narrow(0, 0, 1).mul_(2);
    Tensor element = x.narrow(0, 0, 1).narrow(1, 1, 1).mul_(2);
    values(row, 2, 4);
    values(element, 4);
    x.sum().backward();
    values(root.grad(), 1, 1, 1, 1);
    Tensor first = Tensor.of(new long[] {0});
    values(assigned(List.of(first)).grad(), 2, 2, 1, 1);
    values(assigned(List.of(first, Tensor.of(new long[] {1}))).grad(), 1, 2, 1, 1);
  }

  /** The root after {@code x[indices] *= 2} and the backward pass of the sum. */
  private static Tensor assigned(List<Tensor> indices) {
    Tensor root = root();
    Tensor x = root.copy();
    x.indexPut_(indices, x.index(indices.toArray(Tensor[]::new)).mul_(2)).sum().backward();
    return root;
  }

  @Test
  @DisplayName("VIEW-5, D06: the parts of a tensor are copies, each may be written by itself")
  void parts() {
    for (UnaryOperator<Tensor> part :
        List.<UnaryOperator<Tensor>>of(
            x -> x.chunk(0, 2).get(0), x -> x.unbind(0).get(0), x -> x.split(0, 1, 1).get(0))) {
      Tensor leaf = t(new double[] {1, 2}, 2, 1).requiresGrad_();
      Tensor x = leaf.mul(1);
      Tensor first = part.apply(x).mul_(2);
      values(x, 1, 2);
      first.sum().backward();
      values(leaf.grad(), 2, 0);
    }
  }

  @Test
  @DisplayName(
      "VIEW-6, D06: a view that was taken under noGrad must not be written while recording")
  void takenUnderNoGrad() {
    Tensor base = leaf(1, 2).copy();
    Tensor view;
    try (var mode = GradMode.noGrad()) {
      view = base.reshape(2, 1);
    }
    String message =
        "mul_: a view was created in no_grad mode and is being modified in place with grad mode enabled; clone it first.";
    rejects(AutogradException.class, message, () -> view.mul_(2));
    rejects(AutogradException.class, message, () -> view.reshape(1, 2).mul_(2));
    values(base, 1, 2);
    base.mul_(2);
    rejects(
        AutogradException.class,
        "a view was created in no_grad mode and its base of shape [2] has been modified in place with grad mode enabled; take the view again after the write, or clone it before.",
        view::sum);
    Tensor again;
    try (var mode = GradMode.noGrad()) {
      again = view.reshape(2);
    }
    Throws.saying(AutogradException.class, again::sum, "view was created in no_grad mode");
    values(view.detach().sum(), 6);
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
    String message =
        "add_: %s that requires grad is being used in an in-place operation; write under GradMode.noGrad(), or out of place.";
    rejects(AutogradException.class, message.formatted("a leaf Variable"), () -> a.add_(5));
    rejects(
        AutogradException.class, message.formatted("a view of a leaf Variable"), () -> b.add_(5));
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
  @DisplayName("FLAG-9: retained gradients are those of the newest version, also through views")
  void retained() {
    Tensor x = root().copy();
    Tensor view = x.reshape(4);
    x.retainGrad();
    view.retainGrad();
    view.mul_(2);
    view.mul(3).sum().backward();
    values(view.grad(), 3, 3, 3, 3);
    values(x.grad(), Shape.of(2, 2), 3, 3, 3, 3);
  }

  @Test
  @DisplayName("a watched view tells by which write it was made")
  void traced() {
    try (var watch = Trace.watch()) {
      Tensor x = root().copy();
      Tensor view = x.reshape(4);
      x.mul_(2);
      assertEquals("Sum", Trace.of(view.sum()).op());
      assertEquals("Mul", Trace.of(view).inputs().get(0).op());
    }
  }
}
