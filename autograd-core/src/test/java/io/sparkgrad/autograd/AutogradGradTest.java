// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AutogradGradTest {
  private static final Autograd.Options DEFAULT = Autograd.Options.DEFAULT;

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  @Test
  @DisplayName("BWD-12, E11: grad() writes no .grad; its results can be differentiated again")
  void twice() {
    Tensor x = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
    Tensor y = t(new double[] {.5, -1, 2, 0}, 2, 2).requiresGrad_();
    Tensor f = x.square().add(y.mul(x)).add(y.square());
    Tensor ones = Tensor.onesLike(f);
    List<Tensor> g =
        Autograd.grad(List.of(f), List.of(x, y), List.of(ones), DEFAULT.withCreateGraph(true));
    assertNull(x.grad());
    assertNull(y.grad());
    Tensor h = g.get(0).mul(2).add(g.get(1)); // 2(2x + y) + x + 2y
    values(Autograd.grad(List.of(h), List.of(x), List.of(ones), DEFAULT).get(0), 5, 5, 5, 5);
  }

  @Test
  @DisplayName("BWD-12, HOOK-9: what leads to no input does not run, nor its hooks")
  void unrelatedBranch() {
    Tensor x = leaf(1);
    Tensor other = leaf(2);
    other.registerHook(
        g -> {
          throw new IllegalStateException("must not run");
        });
    Tensor failing =
        Tape.record(
            "Failing",
            v(1),
            new Tensor[] {other},
            saver ->
                (g, needs) -> {
                  throw new IllegalStateException("must not run");
                });
    values(Autograd.grad(List.of(x.mul(3).add(failing)), List.of(x), null, DEFAULT).get(0), 3);
  }

  @Test
  @DisplayName("BWD-15, E12: inputs in the middle, on each other's path")
  void inner() {
    Tensor x = t(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2).requiresGrad_();
    List<Tensor> seen = new ArrayList<>();
    x.registerHook(
        g -> {
          seen.add(g);
          return null;
        });
    Tensor a = x.narrow(0, 0, 2);
    Tensor b = x.narrow(0, 2, 2);
    Tensor go = t(new double[] {1, 2, 3, 4}, 2, 2);
    List<Tensor> g = Autograd.grad(List.of(a.add(b.mul(2))), List.of(a, b), List.of(go), DEFAULT);
    values(g.get(0), 1, 2, 3, 4);
    values(g.get(1), 2, 4, 6, 8);
    assertTrue(seen.isEmpty());
    assertNull(x.grad());
    Tensor p = leaf(3);
    Tensor q = p.square();
    Tensor r = q.mul(5);
    List<Tensor> chain = Autograd.grad(List.of(r), List.of(p, q, r), null, DEFAULT);
    values(chain.get(0), 30);
    values(chain.get(1), 5);
    values(chain.get(2), 1);
  }

  @Test
  @DisplayName("BWD-13, E13: an input that was not used")
  void unused() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(1);
    List<Tensor> inputs = List.of(x, y);
    List<Tensor> g =
        Autograd.grad(List.of(x.square().sum()), inputs, null, DEFAULT.withAllowUnused(true));
    values(g.get(0), 2, 4);
    assertNull(g.get(1));
    Throws.saying(
        AutogradException.class,
        () -> Autograd.grad(List.of(x.square().sum()), inputs, null, DEFAULT),
        "input 1",
        "appears to not have been used",
        "Set allow_unused=True");
    Tensor zeros =
        Autograd.grad(List.of(x.square().sum()), inputs, null, DEFAULT.withMaterializeGrads(true))
            .get(1);
    values(zeros, 0);
    assertFalse(zeros.requiresGrad());
  }

  @Test
  @DisplayName("BWD-14: inputs have to require a gradient, and there has to be one")
  void badInputs() {
    Tensor x = leaf(1);
    Throws.saying(
        AutogradException.class,
        () -> Autograd.grad(List.of(x.mul(2)), List.of(x, v(1)), null, DEFAULT),
        "element 1 of the inputs",
        "does not require grad");
    Throws.saying(
        AutogradException.class,
        () -> Autograd.grad(List.of(x.mul(2)), List.of(), null, DEFAULT),
        "cannot be empty");
  }

  @Test
  @DisplayName("E15: gradients in parts, then from the middle on")
  void sharded() {
    List<Tensor> leaves = new ArrayList<>();
    List<Tensor> middle = new ArrayList<>();
    Tensor loss = null;
    for (int i = 0; i < 4; i++) {
      Tensor l = leaf(0, 0);
      Tensor m = l.mul(i).add(l.square());
      leaves.add(l);
      middle.add(m);
      Tensor term = m.mul(i).sum();
      loss = loss == null ? term : loss.add(term);
    }
    List<Tensor> first =
        Autograd.grad(List.of(loss), middle.subList(0, 2), null, DEFAULT.withRetainGraph(true));
    List<Tensor> second = Autograd.grad(List.of(loss), middle.subList(2, 4), null, DEFAULT);
    Autograd.backward(middle, Stream.concat(first.stream(), second.stream()).toList(), DEFAULT);
    for (int i = 0; i < 4; i++) {
      values(leaves.get(i).grad(), i * i, i * i);
    }
  }

  @Test
  @DisplayName("DBL-2, E20: x⁴ at 2 has the derivatives 32, 48, 48")
  void higher() {
    Tensor x = leaf(2);
    Tensor y = x.pow(4);
    for (double expected : new double[] {32, 48, 48}) {
      y = Autograd.grad(List.of(y), List.of(x), null, DEFAULT.withCreateGraph(true)).get(0);
      values(y, expected);
      assertTrue(y.requiresGrad());
    }
    assertFalse(Autograd.grad(List.of(x.pow(4)), List.of(x), null, DEFAULT).get(0).requiresGrad());
  }

  @Test
  @DisplayName("DBL-2: a gradient penalty through backward(createGraph)")
  void penalty() { // d/dx (x³ + (3x²)²) = 3x² + 36x³
    Tensor x = leaf(2);
    x.pow(3).backward(null, DEFAULT.withCreateGraph(true));
    x.grad().square().backward();
    values(x.grad(), 12 + 36 * 8);
  }

  @Test
  @DisplayName("DBL-2: a product of the Hessian with a vector")
  void hessianVector() { // f = x²y: H·v = (2y·v0 + 2x·v1, 2x·v0)
    Tensor x = leaf(3);
    Tensor y = leaf(5);
    Tensor f = x.square().mul(y);
    List<Tensor> g = Autograd.grad(List.of(f), List.of(x, y), null, DEFAULT.withCreateGraph(true));
    Tensor dot = g.get(0).mul(7).add(g.get(1).mul(11));
    List<Tensor> hv = Autograd.grad(List.of(dot), List.of(x, y), null, DEFAULT);
    values(hv.get(0), 2 * 5 * 7 + 2 * 3 * 11);
    values(hv.get(1), 2 * 3 * 7);
  }
}
