// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InPlaceGraphTest {
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
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
    assertEquals("FunctionBackward", view.gradFn().nextFunctions().get(0).node().name());
    Throws.saying(
        UnsupportedOperationException.class,
        () -> twice.apply(y.reshape(2, 1)),
        "writing in place through a view while recording is not supported in a Function; clone it first");
    Throws.saying(
        AutogradException.class,
        () -> twice.apply(x.reshape(2, 1)),
        "a view of a leaf Variable that requires grad");
  }

  @Test
  @DisplayName("INP-10: there are no out= variants, only the receiver of a name_ is written")
  void noOutVariants() {
    for (Method m : Tensor.class.getMethods()) {
      assertFalse(m.getName().matches(".*(_out|Out)_?"), m.getName());
      if (m.getName().endsWith("_")) {
        assertEquals(Tensor.class, m.getReturnType(), m.getName()); // the receiver itself
      }
    }
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
}
