// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HooksTest {
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  private static UnaryOperator<Tensor> counting(AtomicInteger calls, int step) {
    return g -> {
      calls.addAndGet(step);
      return null;
    };
  }

  @Test
  @DisplayName(
      "HOOK-1, HOOK-2, F01: hooks are called once per pass, and their result replaces the gradient")
  void counts() {
    Tensor x = leaf(1, 1);
    Tensor y = leaf(4, 4);
    Tensor z = x.square().add(x.mul(2)).add(x.mul(y)).add(y);
    AtomicInteger calls = new AtomicInteger();
    Handle first = z.registerHook(counting(calls, 1));
    z.backward(v(1, 1), RETAIN);
    assertEquals(1, calls.get());
    Handle second = z.registerHook(counting(calls, 2));
    z.backward(v(1, 1), RETAIN);
    assertEquals(4, calls.get());
    second.remove();
    second.remove();
    z.backward(v(1, 1), RETAIN);
    assertEquals(5, calls.get());
    first.remove();
    z.registerHook(g -> g.mul(2));
    y.setGrad(null);
    z.backward(v(1, 1), RETAIN);
    values(y.grad(), 4, 4);
    y.registerHook(g -> g.mul(2));
    y.setGrad(null);
    z.backward(v(1, 1), RETAIN);
    values(y.grad(), 8, 8);
  }

  @Test
  @DisplayName("HOOK-1: on a tensor without gradient, and with a result of another shape")
  void errors() {
    Throws.saying(
        AutogradException.class, () -> v(1).registerHook(g -> g), "doesn't require gradient");
    Tensor x = leaf(1, 2);
    x.registerHook(g -> g.sum());
    Throws.saying(AutogradException.class, () -> x.mul(2).sum().backward(), "changed the size");
  }

  @Test
  @DisplayName("HOOK-1: in the order of registration; a hook may remove itself")
  void order() {
    Tensor x = leaf(1);
    Handle[] handle = new Handle[1];
    handle[0] =
        x.registerHook(
            g -> {
              handle[0].remove();
              return g.add(1);
            });
    x.registerHook(g -> g.mul(10));
    x.mul(2).backward();
    values(x.grad(), 30);
    x.setGrad(null);
    x.mul(2).backward();
    values(x.grad(), 20);
  }

  @Test
  @DisplayName("HOOK-3: a leaf's hook sees the sum of all uses, once")
  void leafHook() {
    Tensor x = leaf(2);
    List<Double> seen = new ArrayList<>();
    x.registerHook(
        g -> {
          seen.add(g.item());
          return null;
        });
    x.mul(3).add(x.square()).backward();
    assertEquals(List.of(7.0), seen);
  }

  @Test
  @DisplayName("HOOK-5, F03: retainGrad sees what all hooks made, also later ones")
  void retained() {
    Tensor b = leaf(1).copy();
    b.registerHook(g -> g.mul(2));
    b.retainGrad();
    b.registerHook(g -> g.mul(2));
    b.copy().backward();
    values(b.grad(), 4);
  }

  @Test
  @DisplayName("HOOK-6, F06: grad() runs the hooks of what it captures and returns their result")
  void captured() {
    Tensor a = leaf(1);
    Tensor b = a.mul(2);
    Tensor c = b.mul(2);
    AtomicInteger calls = new AtomicInteger();
    a.registerHook(counting(calls, 1));
    b.registerHook(counting(calls, 1));
    Autograd.grad(List.of(c), List.of(b), null, RETAIN);
    assertEquals(1, calls.getAndSet(0));
    Autograd.grad(List.of(c), List.of(a, b), null, RETAIN);
    assertEquals(2, calls.getAndSet(0));
    c.backward();
    assertEquals(2, calls.get());
    Tensor d = leaf(1).mul(3);
    d.registerHook(g -> g.mul(10));
    values(Autograd.grad(List.of(d.mul(2)), List.of(d), null, Autograd.Options.DEFAULT).get(0), 20);
  }

  @Test
  @DisplayName("HOOK-8, F04: post-accumulate hooks get the leaf after its gradient was written")
  void postAccumulate() {
    Tensor p = leaf(1, 2);
    p.registerPostAccumulateGradHook(
        leaf -> {
          try (var mode = GradMode.noGrad()) {
            leaf.add_(leaf.grad().neg());
          }
        });
    Handle second =
        p.registerPostAccumulateGradHook(
            leaf -> {
              try (var mode = GradMode.noGrad()) {
                leaf.mul_(4);
              }
            });
    p.sum().backward();
    values(p, 0, 4);
    second.remove();
    second.remove();
    p.setGrad(null);
    p.sum().backward();
    values(p, -1, 3);
    Throws.saying(
        AutogradException.class,
        () -> p.mul(2).registerPostAccumulateGradHook(t -> {}),
        "cannot be registered on non-leaf");
    Throws.saying(
        AutogradException.class,
        () -> v(1).registerPostAccumulateGradHook(t -> {}),
        "doesn't require gradient");
  }

  @Test
  @DisplayName("HOOK-8: the order on a leaf is tensor hook, accumulate, post-accumulate hook")
  void orderOnALeaf() {
    Tensor x = leaf(1);
    List<String> log = new ArrayList<>();
    x.registerPostAccumulateGradHook(t -> log.add("post " + t.grad().item()));
    x.registerHook(
        g -> {
          log.add("hook, grad is " + x.grad());
          return g.mul(5);
        });
    x.mul(2).backward();
    assertEquals(List.of("hook, grad is null", "post 10.0"), log);
  }

  @Test
  @DisplayName("HOOK-9: with inputs= hooks of other leaves do not run")
  void notRequested() {
    Tensor x = leaf(1);
    Tensor y = leaf(2);
    AtomicInteger calls = new AtomicInteger();
    y.registerHook(counting(calls, 1));
    y.registerPostAccumulateGradHook(t -> calls.incrementAndGet());
    Autograd.backward(List.of(x.mul(y)), null, Autograd.Options.DEFAULT.withInputs(List.of(x)));
    assertEquals(0, calls.get());
    values(x.grad(), 2);
  }
}
