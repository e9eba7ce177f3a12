// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.java.JavaBackend;
import io.sparkgrad.shape.Shape;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A gradient becomes a leaf's own without a copy, unless somebody else holds it. */
class AccumulateGradTest {
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  private static Tensor gradient(Tensor leaf) {
    return assertNotNullGrad(leaf.grad());
  }

  private static Tensor assertNotNullGrad(Tensor grad) {
    assertNotNull(grad);
    return grad;
  }

  /** Overwrites the leaf's gradient; {@code kept} has to stay as it is. */
  private static void assertApart(Tensor leaf, Tensor kept) {
    assertFalse(kept.sharesStorage(gradient(leaf)));
    double[] before = kept.toDoubleArray();
    gradient(leaf).fill_(77);
    values(kept, before);
  }

  @Test
  @DisplayName("what a formula made for one leaf is not copied")
  void taken() {
    CountingBackend counting = new CountingBackend(new JavaBackend());
    Tensor x = Tensor.zeros(Shape.of(2, 3), DType.FLOAT32, counting.backend()).requiresGrad_();
    Tensor w = Tensor.zeros(Shape.of(3, 2), DType.FLOAT32, counting.backend()).requiresGrad_();
    Tensor b = Tensor.zeros(Shape.of(2), DType.FLOAT32, counting.backend()).requiresGrad_();
    Tensor y = x.matmul(w).add(b);
    Tensor seed = Tensor.onesLike(y);
    counting.reset();
    y.backward(seed);
    assertEquals(0, counting.calls("copy"));
    values(gradient(b), 2, 2);
    assertEquals(0, gradient(w).version());
  }

  @Test
  @DisplayName("the second gradient is added to the first in place")
  void twice() {
    Tensor x = v(3).requiresGrad_();
    Tensor y = x.mul(x);
    y.backward(null, RETAIN);
    Tensor first = gradient(x);
    values(first, 6);
    y.backward();
    values(first, 12);
    assertEquals(1, first.version());
  }

  @Test
  @DisplayName("x + y: both leaves get the same gradient, and each its own copy")
  void twoLeaves() {
    Tensor x = v(1, 2).requiresGrad_();
    Tensor y = v(3, 4).requiresGrad_();
    x.add(y).mul(v(5, 6)).sum().backward();
    assertApart(x, gradient(y));
    Tensor seed = v(1, 1);
    Tensor z = v(1, 2).requiresGrad_();
    z.add(y).backward(seed);
    assertApart(z, seed);
  }

  @Test
  @DisplayName("one storage in two shapes, one for each leaf")
  void twoShapes() {
    Tensor x = v(1, 2).requiresGrad_();
    Tensor y = v(3, 4).reshape(2, 1).detach().requiresGrad_();
    x.add(y.reshape(2)).mul(v(5, 6)).sum().backward();
    assertApart(x, gradient(y));
  }

  @Test
  @DisplayName("an expanded leaf gets the sum, and an unexpanded one no alias of it")
  void expanded() {
    Tensor x = v(1).requiresGrad_();
    Tensor y = v(3, 4).requiresGrad_();
    x.expand(2).add(y).mul(v(5, 6)).sum().backward();
    values(gradient(x), 11);
    values(gradient(y), 5, 6);
    assertApart(y, gradient(x));
  }

  @Test
  @DisplayName("a hook may keep what it is shown")
  void hooks() {
    Tensor x = v(3).requiresGrad_();
    Tensor[] kept = new Tensor[4];
    x.registerHook(
        g -> {
          kept[0] = g;
          return null;
        });
    x.mul(2).backward();
    assertApart(x, kept[0]);

    Tensor replacement = v(9);
    Tensor z = v(3).requiresGrad_();
    z.registerHook(g -> replacement);
    z.mul(2).backward();
    assertApart(z, replacement);

    Tensor w = v(3).requiresGrad_();
    Tensor y = w.mul(2);
    Node node = assertNotNullNode(y.gradFn());
    node.registerHook(
        (in, out) -> {
          kept[1] = in[0];
          return null;
        });
    y.backward();
    assertApart(w, assertNotNullGrad(kept[1]));

    Tensor u = v(3).requiresGrad_();
    u.accumulator()
        .registerPrehook(
            in -> {
              kept[2] = in[0];
              return null;
            });
    u.mul(2).backward();
    assertApart(u, assertNotNullGrad(kept[2]));
  }

  private static Node assertNotNullNode(Node node) {
    assertNotNull(node);
    return node;
  }

  @Test
  @DisplayName("a gradient that is retained or asked for is not given to a leaf as well")
  void retained() {
    Tensor x = v(3).requiresGrad_();
    Tensor y = x.mul(2).reshape(1, 1);
    y.retainGrad();
    y.mul(5).sum().backward(null, RETAIN);
    assertApart(x, gradient(y));
    Tensor z = v(3).requiresGrad_();
    Tensor inner = z.reshape(1, 1);
    inner.mul(5).sum().backward(null, RETAIN.withInputs(List.of(inner, z)));
    assertApart(z, gradient(inner));
  }

  @Test
  @DisplayName("a custom function may keep the gradient it returns")
  void customFunction() {
    KeepsGradient f = new KeepsGradient();
    Tensor x = v(3).requiresGrad_();
    f.apply(x).backward();
    assertApart(x, assertNotNullGrad(f.kept));
  }

  private static final class KeepsGradient extends Function {
    private Tensor kept = v(0);

    @Override
    protected Tensor[] forward(Context ctx, Object... args) {
      return new Tensor[] {((Tensor) args[0]).mul(2)};
    }

    @Override
    protected Tensor[] backward(Context ctx, Tensor... gradOutputs) {
      kept = gradOutputs[0].mul(2);
      return new Tensor[] {kept};
    }
  }

  @Test
  @DisplayName("a seed that is another leaf's gradient stays that one's")
  void gradientAsSeed() {
    Tensor x = v(3).requiresGrad_();
    x.mul(2).backward();
    Tensor y = v(3).requiresGrad_();
    y.reshape(1).backward(gradient(x));
    assertApart(y, gradient(x));
  }

  @Test
  @DisplayName("a saved tensor that a formula returns is not taken")
  void savedTensor() {
    Tensor x = v(3).requiresGrad_();
    Tensor factor = v(2);
    Tape.record(
            "Times",
            x.detach().mul(factor),
            new Tensor[] {x},
            saver -> {
              SavedTensor saved = saver.save(factor);
              return (g, needs) -> Backward.grads(saved.get());
            })
        .backward();
    assertApart(x, factor);
  }

  @Test
  @DisplayName("a gradient outlives the scope in which it was made, and ends with its leaf")
  void scopes() {
    Tensor x = v(3).requiresGrad_();
    try (var step = TensorScope.open()) {
      x.mul(2).backward();
    }
    values(gradient(x), 2);
    gradient(x).mul_(2);
    try (var step = TensorScope.open()) {
      x.mul(2).backward();
      x.zeroGrad(true);
      x.mul(5).backward();
    }
    values(gradient(x), 5);
  }
}
