// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BackwardTest {
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  @Test
  @DisplayName("E01: a + y·z + 4z²x/y")
  void formula() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(.5, 4);
    Tensor z = leaf(3, -1);
    Tensor a = x.add(y.mul(z)).add(z.square().mul(4).mul(x).div(y));
    a.backward(v(1, 10));
    values(x.grad(), 73, 20);
    values(y.grad(), -141, -15);
    values(z.grad(), 48.5, 0);
  }

  @Test
  @DisplayName("BWD-1, BWD-6: every root has to require a gradient")
  void noGrad() {
    Throws.saying(
        AutogradException.class, () -> v(1).backward(), "element 0", "does not require grad");
    Throws.saying(
        AutogradException.class,
        () -> Autograd.backward(List.of(leaf(1).mul(2), v(1)), null, Autograd.Options.DEFAULT),
        "element 1");
  }

  @Test
  @DisplayName("BWD-2, E02: without a gradient the root needs exactly one element, of any rank")
  void implicit() {
    Throws.saying(AutogradException.class, leaf(1, 2).mul(2)::backward, "scalar outputs", "[2]");
    Throws.saying(
        AutogradException.class,
        () -> leaf(1, 2).mul(2).backward(null, Autograd.Options.DEFAULT),
        "scalar outputs");
    Tensor x = t(new double[] {3}, 1, 1).requiresGrad_();
    x.mul(2).backward();
    values(x.grad(), Shape.of(1, 1), 2);
  }

  @Test
  @DisplayName("BWD-3: an explicit gradient has the root's shape; its type is converted")
  void explicit() {
    Throws.saying(
        AutogradException.class,
        () -> leaf(1, 2).mul(2).backward(v(1)),
        "Mismatch in shape",
        "[1]",
        "[2]");
    Throws.saying(
        AutogradException.class,
        () -> Autograd.backward(List.of(leaf(1), leaf(2)), List.of(v(1)), Autograd.Options.DEFAULT),
        "got 2 tensors and 1 gradients");
    Tensor x = leaf(1, 2);
    x.mul(2).backward(Tensor.of(new float[] {1, 3}));
    values(x.grad(), 2, 6);
    assertEquals(DType.FLOAT64, x.grad().dtype());
  }

  @Test
  @DisplayName("BWD-4, E06: a root may come twice")
  void repeatedRoot() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);
    Tensor x = a.mul(b);
    Autograd.backward(List.of(x, x), List.of(v(1, 1), v(1, 1)), Autograd.Options.DEFAULT);
    values(a.grad(), 6, 8);
    values(b.grad(), 2, 4);
  }

  @Test
  @DisplayName("BWD-5: one root may depend on another")
  void dependentRoots() { // y = x², z = y³: 2x + 6x⁵ at 2
    Tensor x = leaf(2);
    Tensor y = x.square();
    Autograd.backward(List.of(y, y.pow(3)), null, Autograd.Options.DEFAULT);
    values(x.grad(), 4 + 6 * 32);
  }

  @Test
  @DisplayName("E04: several roots over shared leaves")
  void severalRoots() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    Tensor q = leaf(5, 6);
    Tensor a = leaf(7, 8);
    Tensor b = leaf(9, 10);
    Tensor q2 = q.mul(2);
    Tensor z = x.add(y).add(q2);
    Tensor c = a.mul(b).add(q2);
    Autograd.backward(List.of(z, c), List.of(v(1, 2), v(10, 20)), Autograd.Options.DEFAULT);
    values(x.grad(), 1, 2);
    values(y.grad(), 1, 2);
    values(q.grad(), 22, 44);
    values(a.grad(), 90, 200);
    values(b.grad(), 70, 160);
  }

  @Test
  @DisplayName("a leaf can be a root")
  void leafRoot() {
    Tensor x = leaf(1, 2);
    x.backward(v(3, 4));
    values(x.grad(), 3, 4);
  }

  @Test
  @DisplayName("BWD-7, E07: accumulation keeps the object; with createGraph it replaces it")
  void accumulation() {
    Tensor x = leaf(1, 2);
    Tensor y = x.add(2);
    y.backward(v(1, 1), RETAIN);
    Tensor first = x.grad();
    y.backward(v(1, 1), RETAIN);
    assertSame(first, x.grad());
    values(first, 2, 2);
    y.backward(v(1, 1), Autograd.Options.DEFAULT.withCreateGraph(true));
    assertNotSame(first, x.grad());
    values(first, 2, 2);
    values(x.grad(), 3, 3);
  }

  @Test
  @DisplayName("section 0: a gradient shares memory with nothing")
  void noAliases() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);
    Tensor go = v(1, 1);
    a.add(b).backward(go);
    go.fill_(7);
    a.grad().fill_(5);
    values(b.grad(), 1, 1);
    Tensor c = leaf(1, 2);
    c.mul(b.detach()).reshape(1, 2).backward(t(new double[] {1, 1}, 1, 2));
    c.grad().fill_(0);
    values(b, 3, 4);
  }

  @Test
  @DisplayName("BWD-8: only with createGraph has the gradient a history")
  void history() {
    Tensor x = leaf(3);
    x.square().backward();
    assertFalse(x.grad().requiresGrad());
    x.setGrad(null);
    x.square().backward(null, Autograd.Options.DEFAULT.withCreateGraph(true));
    assertTrue(x.grad().requiresGrad());
    Tensor seed = leaf(1);
    Tensor plain =
        Autograd.grad(List.of(x.copy()), List.of(x), List.of(seed), Autograd.Options.DEFAULT)
            .get(0);
    assertFalse(plain.requiresGrad());
  }

  @Test
  @DisplayName("BWD-9, E08: a second pass over saved tensors throws unless the graph was retained")
  void secondPass() {
    Tensor x = leaf(1, 2);
    Tensor y = x.square().sum();
    y.backward(null, RETAIN);
    y.backward();
    values(x.grad(), 4, 8);
    Throws.saying(
        GraphFreedException.class, y::backward, "second time", "retain_graph=True", "retainGraph");
    Tensor z = x.add(1).sum();
    z.backward();
    z.backward(); // saved nothing
    Tensor created = x.square().sum();
    created.backward(null, Autograd.Options.DEFAULT.withCreateGraph(true));
    created.backward(); // createGraph retains
  }

  @Test
  @DisplayName("BWD-10: after the error the engine goes on working")
  void usableAfterError() {
    Tensor x = leaf(2);
    Tensor y = x.square();
    y.backward();
    assertThrows(GraphFreedException.class, y::backward);
    x.setGrad(null);
    x.square().backward();
    values(x.grad(), 4);
  }

  @Test
  @DisplayName("BWD-11, E09: inputs= accumulates into these only")
  void inputs() {
    Tensor x = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
    Tensor y = t(new double[] {.5, -1, 2, 0}, 2, 2).requiresGrad_();
    Tensor f = x.square().add(y.mul(x)).add(y.square());
    Autograd.backward(
        List.of(f),
        List.of(Tensor.onesLike(f)),
        Autograd.Options.DEFAULT.withInputs(List.of(x, x)));
    values(x.grad(), 2.5, 3, 8, 8);
    assertNull(y.grad());
    Throws.saying(
        AutogradException.class,
        () -> Autograd.backward(List.of(f), null, Autograd.Options.DEFAULT.withInputs(List.of())),
        "cannot be empty");
    Throws.saying(
        AutogradException.class,
        () ->
            Autograd.backward(List.of(f), null, Autograd.Options.DEFAULT.withInputs(List.of(v(1)))),
        "does not require grad");
  }

  @Test
  @DisplayName("BWD-11: a non-leaf input gets its gradient once per pass, retained or not")
  void innerInputs() {
    Tensor x = leaf(1, 2);
    Tensor h = x.mul(3);
    Tensor o = h.square().sum();
    Autograd.Options only = RETAIN.withInputs(List.of(h));
    Autograd.backward(List.of(o), null, only);
    values(h.grad(), 6, 12);
    assertTrue(h.retainsGrad());
    assertNull(x.grad());
    Autograd.backward(List.of(o), null, only);
    values(h.grad(), 12, 24);
    Tensor unrelated = leaf(9);
    Autograd.backward(List.of(o), null, RETAIN.withInputs(List.of(unrelated)));
    assertNull(unrelated.grad());
  }

  @Test
  @DisplayName("BWD-16, BWD-17: gradients of all uses are summed, and no use sees another's")
  void manyUses() {
    Tensor x = leaf(1, 2);
    Tensor y = x.copy();
    Tensor z = y.add(y).add(y.mul(3)).add(y);
    z.backward(v(1, 10));
    values(x.grad(), 6, 60);
  }

  @Test
  @DisplayName("BWD-19, E22: no elements")
  void noElements() {
    Tensor a = t(new double[0], 4, 0).requiresGrad_();
    Tensor b = t(new double[] {1, 2, 3, 4}, 4, 1).requiresGrad_();
    a.add(b).sum().backward();
    values(b.grad(), Shape.of(4, 1), 0, 0, 0, 0);
    assertEquals(Shape.of(4, 0), a.grad().shape());
  }

  @Test
  @DisplayName("ENG-14: frozen after forward there is no gradient, unfrozen after forward neither")
  void flagsChangedLater() {
    Tensor x = leaf(1);
    Tensor w = leaf(2);
    Tensor y = x.mul(w);
    w.requiresGrad_(false);
    y.backward();
    assertNull(w.grad());
    values(x.grad(), 2);
    Tensor frozen = v(1);
    Tensor z = frozen.mul(2);
    frozen.requiresGrad_();
    Throws.saying(AutogradException.class, z::backward, "does not require grad");
  }
}
