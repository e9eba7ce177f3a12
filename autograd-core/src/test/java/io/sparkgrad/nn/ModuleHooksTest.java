// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Handle;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Case M08: y = x·Wᵀ with W = [[1, 2], [3, 4]] and x = [1, 1]. */
class ModuleHooksTest {
  private final Linear linear = new Linear(2, 2, false);
  private final Tensor x = v(1, 1).requiresGrad_();
  private final List<Object> calls = new ArrayList<>();

  ModuleHooksTest() {
    linear.to(DType.FLOAT64);
    try (var mode = GradMode.noGrad()) {
      linear.weight().copy_(t(new double[] {1, 2, 3, 4}, 2, 2));
    }
  }

  private ModuleHooks.ForwardHook note(Object what) {
    return (module, input, output) -> {
      calls.add(what);
      return null;
    };
  }

  @Test
  @DisplayName("MOD-10, M08: hooks run in order of registration, prepended ones first")
  void order() {
    for (int id = 0; id < 5; id++) {
      int now = id;
      boolean prepend = id == 1 || id == 4;
      linear.registerForwardPreHook((m, in) -> said("pre" + now), prepend);
      linear.registerForwardHook(note(now), prepend, false);
      linear.registerFullBackwardPreHook((m, g) -> said("backwardPre" + now), prepend);
      linear.registerFullBackwardHook((m, in, out) -> said("backward" + now), prepend);
    }
    linear.call(x).sum().backward();
    assertEquals(
        List.of(
            "pre4",
            "pre1",
            "pre0",
            "pre2",
            "pre3",
            4,
            1,
            0,
            2,
            3,
            "backwardPre4",
            "backwardPre1",
            "backwardPre0",
            "backwardPre2",
            "backwardPre3",
            "backward4",
            "backward1",
            "backward0",
            "backward2",
            "backward3"),
        calls);
  }

  private Tensor said(Object what) {
    calls.add(what);
    return null;
  }

  @Test
  @DisplayName("MOD-10, M08: forward hooks replace input and output")
  void forward() {
    linear.registerForwardPreHook((m, in) -> in.mul(2));
    linear.registerForwardHook(
        (m, in, out) -> {
          assertSame(linear, m);
          values(in, 2, 2);
          return out.add(1);
        });
    values(linear.call(x), 7, 15);
    values(linear.forward(x), 3, 7); // goes past the hooks
  }

  @Test
  @DisplayName("MOD-10, M08: a backward-pre hook replaces the gradient of the output")
  void backwardPre() {
    linear.registerFullBackwardPreHook((m, g) -> g.mul(0));
    linear.registerFullBackwardHook(
        (m, in, out) -> {
          values(out, 0, 0);
          return null;
        });
    linear.call(x).sum().backward();
    values(x.grad(), 0, 0);
    values(linear.weight().grad(), 0, 0, 0, 0);
  }

  @Test
  @DisplayName("MOD-10, M08: a backward hook replaces the gradient of the input alone")
  void backward() {
    linear.registerFullBackwardHook(
        (m, in, out) -> {
          values(in, 4, 6);
          values(out, 1, 1);
          return in.mul(2);
        });
    linear.call(x).sum().backward();
    values(x.grad(), 8, 12);
    values(linear.weight().grad(), 1, 1, 1, 1);
  }

  @Test
  @DisplayName("MOD-10: hooks see the gradients of the module alone, and of each call")
  void ownGradients() {
    linear.registerFullBackwardHook(
        (m, in, out) -> {
          calls.add(List.of(in.toDoubleArray()[0], out.toDoubleArray()[0]));
          return null;
        });
    Tensor y = linear.call(x);
    y.sum().add(y.sum()).add(linear.call(x).sum()).add(x.sum().mul(100)).backward();
    assertEquals(List.of(List.of(4.0, 1.0), List.of(8.0, 2.0)), calls);
    values(x.grad(), 112, 118);
  }

  @Test
  @DisplayName("MOD-10: without a gradient for the input the hook gets null and returns null")
  void plainInput() {
    Handle handle =
        linear.registerFullBackwardHook(
            (m, in, out) -> {
              assertNull(in);
              values(out, 1, 1);
              return said("backward");
            });
    linear.call(v(1, 1)).sum().backward();
    values(linear.weight().grad(), 1, 1, 1, 1);
    assertEquals(List.of("backward"), calls);
    handle.remove();
    linear.registerFullBackwardHook((m, in, out) -> out);
    rejects(
        AutogradException.class,
        "full backward hook: expected null for the gradient of an input that requires none, got a tensor; return null",
        () -> linear.call(v(1, 1)).sum().backward());
  }

  @Test
  @DisplayName("MOD-10: without a graph the backward hooks stay away")
  void noGraph() {
    linear.registerFullBackwardPreHook((m, g) -> said("pre"));
    linear.registerFullBackwardHook((m, in, out) -> said("full"));
    try (var mode = GradMode.noGrad()) {
      assertFalse(linear.call(x).requiresGrad());
    }
    assertEquals(List.of(), calls);
  }

  @Test
  @DisplayName("MOD-10: hooks are part of a graph that is differentiated again")
  void secondDerivative() {
    linear.registerFullBackwardHook((m, in, out) -> in.mul(x));
    Tensor y = linear.call(x).sum();
    Tensor first =
        Autograd.grad(List.of(y), List.of(x), null, Autograd.Options.DEFAULT.withCreateGraph(true))
            .get(0);
    first.sum().backward(); // Σ column·x
    values(x.grad(), 4, 6);
  }

  @Test
  @DisplayName("MOD-10: alwaysCall hooks run once also if forward or a hook throws")
  void alwaysCall() {
    linear.registerForwardHook(note("first"), false, false);
    linear.registerForwardHook(
        (m, in, out) -> {
          calls.add(out == null ? "failed" : "worked");
          if (out == null) {
            throw new IllegalStateException("in the hook");
          }
          return null;
        },
        false,
        true);
    var e = assertThrows(ShapeMismatchException.class, () -> linear.call(v(1, 2, 3)));
    assertEquals(List.of("failed"), calls);
    assertEquals("in the hook", e.getSuppressed()[0].getMessage());
    linear.registerForwardHook(
        (m, in, out) -> {
          throw new IllegalArgumentException("third");
        },
        false,
        false);
    linear.registerForwardHook(note("last"), false, true);
    calls.clear();
    rejects(IllegalArgumentException.class, "third", () -> linear.call(x));
    assertEquals(List.of("first", "worked", "last"), calls);
  }

  @Test
  @DisplayName("MOD-10: a handle removes its own registration, also while hooks run")
  void handles() {
    ModuleHooks.ForwardHook hook = note("hook");
    Handle first = linear.registerForwardHook(hook);
    linear.registerForwardHook(hook);
    Handle[] own = new Handle[1];
    own[0] =
        linear.registerForwardHook(
            (m, in, out) -> {
              own[0].remove();
              return said("once");
            });
    linear.call(x);
    first.remove();
    first.remove();
    linear.call(x);
    assertEquals(List.of("hook", "hook", "once", "hook"), calls);
  }

  @Test
  @DisplayName("MOD-10: containers run the hooks of their children")
  void containers() {
    linear.registerForwardHook(note("child"));
    new Sequential(linear, new Residual(linear)).call(x);
    assertEquals(List.of("child", "child"), calls);
  }

  @Test
  @DisplayName("MOD-10: a module that gives back its input")
  void identity() {
    Module identity =
        new Module() {
          @Override
          public Tensor forward(Tensor in) {
            return in;
          }

          @Override
          protected void describe(ObjectNode json) {}
        };
    identity.registerFullBackwardPreHook((m, g) -> g.mul(2));
    identity.registerFullBackwardHook((m, in, out) -> in.mul(5));
    identity.call(x).sum().backward();
    values(x.grad(), 10, 10);
  }
}
