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
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EngineTest {
  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  /** The identity, which writes its name down when its backward runs. */
  private static Tensor logged(String name, Tensor x, List<String> log) {
    return Tape.record(
        name,
        x.detach().copy(),
        new Tensor[] {x},
        saver ->
            (g, needs) -> {
              log.add(name);
              return Backward.grads(g);
            });
  }

  @Test
  @DisplayName("ENG-2, I01: the youngest ready node runs first")
  void order() {
    List<String> log = new ArrayList<>();
    Tensor x = leaf(1);
    Tensor a = logged("A", x, log);
    Tensor b = logged("B", x, log);
    b.add(logged("C", a, log)).backward();
    assertEquals(List.of("C", "B", "A"), log);
    log.clear();
    Tensor a2 = logged("A", x, log);
    Tensor b2 = logged("B", a2, log);
    Tensor c2 = logged("C", a2, log);
    c2.add(b2).add(logged("D", x, log)).backward();
    assertEquals(List.of("D", "C", "B", "A"), log);
  }

  @Test
  @DisplayName("ENG-2: a leaf whose gradient is complete goes before any operation")
  void leavesFirst() {
    List<String> log = new ArrayList<>();
    Tensor x = leaf(1);
    Tensor y = leaf(2);
    y.registerPostAccumulateGradHook(t -> log.add("y"));
    logged("old", x, log).add(y).backward();
    assertEquals(List.of("y", "old"), log);
  }

  @Test
  @DisplayName("post-accumulate hooks of root leaves run in the caller's order")
  void rootLeaves() {
    List<Integer> log = new ArrayList<>();
    List<Tensor> leaves = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int number = i;
      Tensor l = leaf(i);
      l.registerPostAccumulateGradHook(t -> log.add(number));
      leaves.add(l);
    }
    Autograd.backward(leaves, null, Autograd.Options.DEFAULT);
    assertEquals(List.of(0, 1), log);
  }

  @Test
  @DisplayName("ENG-5, H03: what a formula may return")
  void validation() {
    Tensor x = leaf(1, 2);
    Throws.saying(
        AutogradException.class,
        () -> returning(x, Backward.grads(v(1, 2), v(1, 2))).backward(v(1, 1)),
        "incorrect number of gradients",
        "expected 1, got 2");
    Throws.saying(
        AutogradException.class,
        () -> returning(x, Backward.grads(v(1, 2, 3))).backward(v(1, 1)),
        "expected shape compatible with [2], got [3]");
    returning(x, Backward.grads(Tensor.ones(3, 2))).backward(v(1, 1));
    values(x.grad(), 3, 3); // summed over the broadcast axis, and cast
    assertEquals(DType.FLOAT64, x.grad().dtype());
    Tensor y = leaf(1, 2);
    returning(y, Backward.grads((Tensor) null)).backward(v(1, 1));
    assertNull(y.grad());
  }

  @Test
  @DisplayName("ENG-5, BWD-3: a gradient on another device than its tensor is refused")
  void device() {
    Tensor x = leaf(1, 2);
    Backend other = new CountingBackend(Backends.byName("java")).backend();
    Tensor elsewhere = Tensor.zeros(Shape.of(2), DType.FLOAT64, other);
    rejects(
        AutogradException.class,
        "ReturningBackward returned a gradient on a wrong device: expected device %s, got java"
            .formatted(x.backend().name()),
        () -> returning(x, Backward.grads(elsewhere)).backward(v(1, 1)));
    assertNull(x.grad());
    rejects(
        AutogradException.class,
        "Mismatch in device: gradient 0 is on java and its tensor on %s; expected one device."
            .formatted(x.backend().name()),
        () -> x.mul(2).backward(elsewhere));
  }

  private static Tensor returning(Tensor x, Tensor[] grads) {
    return Tape.record(
        "Returning", x.detach().copy(), new Tensor[] {x}, saver -> (g, needs) -> grads);
  }

  @Test
  @DisplayName("ENG-8: recording is on inside a formula only with createGraph")
  void modeInside() {
    List<Boolean> seen = new ArrayList<>();
    Tensor x = leaf(1);
    Tensor y =
        Tape.record(
            "Mode",
            v(1),
            new Tensor[] {x},
            saver ->
                (g, needs) -> {
                  seen.add(GradMode.isEnabled());
                  return Backward.grads(g);
                });
    y.backward();
    y.backward(null, Autograd.Options.DEFAULT.withCreateGraph(true));
    try (var mode = GradMode.noGrad()) {
      y.backward(null, Autograd.Options.DEFAULT.withCreateGraph(true));
      assertFalse(GradMode.isEnabled());
    }
    assertEquals(List.of(false, true, true), seen);
  }

  @Test
  @DisplayName(
      "ENG-9, ENG-10, I03, I04: backward inside backward; its exception reaches the caller")
  void nested() {
    Tensor x = t(new double[] {1, 1, 1, 1}, 2, 2).requiresGrad_();
    Tensor y = t(new double[] {1, 2, 3, 4}, 2, 2);
    Tensor outer = leaf(1);
    Tensor z =
        Tape.record(
            "Nesting",
            v(1),
            new Tensor[] {outer},
            saver ->
                (g, needs) -> {
                  try (var mode = GradMode.enableGrad()) {
                    x.mul(y).sum().backward();
                  }
                  return Backward.grads(g);
                });
    z.backward();
    values(x.grad(), 1, 2, 3, 4);
    values(outer.grad(), 1);
    Tensor failing =
        Tape.record(
            "Failing",
            v(1),
            new Tensor[] {outer},
            saver ->
                (g, needs) -> {
                  throw new IllegalStateException("from inside");
                });
    assertEquals(
        "from inside", assertThrows(IllegalStateException.class, failing::backward).getMessage());
    Tensor fresh = leaf(2);
    fresh.square().backward();
    values(fresh.grad(), 4);
  }

  @Test
  @DisplayName("ENG-11, E18: a chain of 150,000 on the default stack, through backward and grad()")
  void deep() {
    Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < 150_000; i++) {
      y = y.add(y.mul(1e-6));
    }
    values(
        Autograd.grad(List.of(y), List.of(x), null, Autograd.Options.DEFAULT.withRetainGraph(true))
            .get(0),
        1.1618341555764393);
    y.backward();
    values(x.grad(), 1.1618341555764393);
  }

  @Test
  @DisplayName("E16: parts that are not used get zeros")
  void unusedParts() {
    Tensor x = arange(10, 2).requiresGrad_();
    x.narrow(0, 4, 2).mul(4).add(2).sum().backward();
    double[] expected = new double[20];
    Arrays.fill(expected, 8, 12, 4);
    values(x.grad(), expected);
  }
}
