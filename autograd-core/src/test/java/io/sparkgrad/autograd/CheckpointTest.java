// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CheckpointTest {
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);
  private static final Autograd.Options CREATE = Autograd.Options.DEFAULT.withCreateGraph(true);

  private int calls;

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  private UnaryOperator<Tensor> counted(UnaryOperator<Tensor> segment) {
    return x -> {
      calls++;
      return segment.apply(x);
    };
  }

  /** tanh(exp(x²)), which saves x and two results. */
  private static Tensor chain(Tensor x) {
    return x.square().exp().tanh();
  }

  private static double[] gradOf(UnaryOperator<Tensor> segment) {
    Tensor x = leaf(0.5, 1);
    segment.apply(x).sum().backward();
    return x.grad().toDoubleArray();
  }

  @Test
  @DisplayName("CKP-1, CKP-2, J01: one call in forward, one more in backward, the same gradients")
  void calls() {
    Tensor x = leaf(0.5, 1);
    Tensor y = Checkpoint.run(counted(CheckpointTest::chain), x);
    assertEquals(1, calls);
    y.sum().backward();
    assertEquals(2, calls);
    assertArrayEquals(gradOf(CheckpointTest::chain), x.grad().toDoubleArray());
  }

  /** Elementwise, with its derivative; saves its input. */
  private static Tensor elementwise(Tensor x, DoubleUnaryOperator f, DoubleUnaryOperator slope) {
    return new Function() {
      @Override
      protected Tensor[] forward(Context ctx, Object... args) {
        ctx.saveForBackward(x);
        return new Tensor[] {v(Arrays.stream(x.toDoubleArray()).map(f).toArray())};
      }

      @Override
      protected Tensor[] backward(Context ctx, Tensor... g) {
        double[] saved = ctx.savedTensors()[0].toDoubleArray();
        return new Tensor[] {g[0].mul(v(Arrays.stream(saved).map(slope).toArray()))};
      }
    }.apply(x);
  }

  @Test
  @DisplayName("J01: cos(exp(sin x)), of custom functions")
  void customFunctions() {
    Tensor x = leaf(0.5, 1);
    Tensor y =
        Checkpoint.run(
            counted(
                t -> {
                  Tensor exp = elementwise(t, Math::sin, Math::cos).exp();
                  return elementwise(exp, Math::cos, z -> -Math.sin(z));
                }),
            x);
    y.sum().backward();
    values(x.grad(), -1.4160304732399303, -0.917955293853017);
    assertEquals(2, calls);
  }

  @Test
  @DisplayName("CKP-2, J01: what saves nothing is not computed again")
  void savesNothing() {
    Tensor x = leaf(1);
    Checkpoint.run(counted(Tensor::copy), x).backward();
    assertEquals(1, calls);
    values(x.grad(), 1);
  }

  @Test
  @DisplayName("CKP-2: recomputation stops at the last tensor needed, unless told to go on")
  void earlyStop() {
    int[] ends = {0};
    UnaryOperator<Tensor> segment =
        x -> {
          Tensor y = x.exp().mul(2);
          ends[0]++;
          return y;
        };
    Checkpoint.run(segment, leaf(1)).backward();
    assertEquals(1, ends[0]);
    Tensor y;
    try (var scope = Checkpoint.earlyStop(false)) {
      y = Checkpoint.run(segment, leaf(1));
      scope.close();
      scope.close();
    }
    y.backward();
    assertEquals(3, ends[0]);
    Checkpoint.run(segment, leaf(1)).backward();
    assertEquals(4, ends[0]);
  }

  @Test
  @DisplayName("CKP-3: the same random numbers, and the generator goes on as if nothing happened")
  void random() {
    Generator generator = Generator.current();
    generator.manualSeed(3);
    double first = new Generator(3).nextDouble();
    Tensor x = leaf(2);
    Tensor y = Checkpoint.run(t -> t.exp().mul(generator.nextDouble()).exp().copy(), x);
    generator.nextLong();
    long state = generator.state();
    y.backward();
    values(x.grad(), Math.exp(Math.exp(2) * first) * first * Math.exp(2));
    assertEquals(state, generator.state());
  }

  @Test
  @DisplayName("CKP-4: only a parameter inside requires a gradient")
  void parameterInside() {
    Tensor w = leaf(3);
    Tensor y = Checkpoint.run(counted(x -> x.mul(w).exp()), v(0.5));
    assertTrue(y.requiresGrad());
    y.backward();
    values(w.grad(), 0.5 * Math.exp(1.5));
    assertEquals(2, calls);
  }

  @Test
  @DisplayName("CKP-4: with grad() and inputs=")
  void inputs() {
    Tensor x = leaf(0.5);
    Tensor w = leaf(3);
    Tensor y = Checkpoint.runAll(in -> in[0].mul(in[1]).exp(), x, w);
    double e = Math.exp(1.5);
    values(Autograd.grad(List.of(y), List.of(x), null, RETAIN).get(0), 3 * e);
    Autograd.backward(List.of(y), null, Autograd.Options.DEFAULT.withInputs(List.of(w)));
    values(w.grad(), 0.5 * e);
    assertEquals(null, x.grad());
  }

  @Test
  @DisplayName("CKP-4: double backward, of inputs in the middle of the graph too")
  void twice() {
    UnaryOperator<Tensor> f = x -> Checkpoint.run(CheckpointTest::chain, x.mul(2)).mul(x);
    assertTrue(GradCheck.gradcheck(in -> List.of(f.apply(in.get(0))), List.of(leaf(0.3, -0.2))));
    assertTrue(
        GradCheck.gradgradcheck(in -> List.of(f.apply(in.get(0))), List.of(leaf(0.3, -0.2))));
    Tensor x = leaf(0.3);
    Tensor first = Autograd.grad(List.of(f.apply(x)), List.of(x), null, CREATE).get(0);
    Tensor plain = leaf(0.3);
    Tensor expected =
        Autograd.grad(List.of(chain(plain.mul(2)).mul(plain)), List.of(plain), null, CREATE).get(0);
    first.backward();
    expected.backward();
    assertArrayEquals(plain.grad().toDoubleArray(), x.grad().toDoubleArray());
  }

  @Test
  @DisplayName("CKP-4: inside itself")
  void nested() {
    UnaryOperator<Tensor> inner = counted(CheckpointTest::chain);
    UnaryOperator<Tensor> outer =
        x -> Checkpoint.run(t -> Checkpoint.run(inner, t.exp()).mul(t).tanh(), x);
    double[] nested = gradOf(outer);
    assertEquals(3, calls); // forward, within the outer recomputation, its own recomputation
    assertArrayEquals(gradOf(x -> chain(x.exp()).mul(x).tanh()), nested);
  }

  @Test
  @DisplayName("CKP-5, J04: the recomputation saves another number of tensors")
  void number() {
    Tensor y = Checkpoint.run(counted(x -> calls == 1 ? chain(x) : x.square().exp()), leaf(1));
    Throws.saying(AutogradException.class, y::backward, "different number of tensors", "3, got 2");
    calls = 0;
    Tensor more;
    try (var scope = Checkpoint.earlyStop(false)) {
      more = Checkpoint.run(counted(x -> calls == 1 ? x.exp() : x.exp().exp()), leaf(1));
    }
    Throws.saying(AutogradException.class, more::backward, "different number of tensors");
    Tensor fresh = leaf(2);
    fresh.square().backward();
    values(fresh.grad(), 4);
  }

  @Test
  @DisplayName("CKP-5: the recomputation saves another shape")
  void metadata() {
    Tensor y =
        Checkpoint.run(
            counted(x -> calls == 1 ? x.exp().sum() : x.narrow(0, 0, 1).exp().sum()), leaf(1, 2));
    Throws.saying(
        AutogradException.class, y::backward, "different metadata", "FLOAT64 [2]", "FLOAT64 [1]");
  }

  @Test
  @DisplayName("CKP-6, J04: freed after the pass; a retained graph computes again in each")
  void freed() {
    Tensor x = leaf(0.5);
    Tensor y = Checkpoint.run(counted(CheckpointTest::chain), x);
    y.backward(null, RETAIN);
    y.backward(null, RETAIN);
    assertEquals(3, calls);
    y.backward();
    assertEquals(4, calls);
    Throws.saying(GraphFreedException.class, y::backward, "second time", "retain_graph=True");
    assertEquals(4, calls);
    assertTrue(Modes.current().recomputations.isEmpty());
  }

  @Test
  @DisplayName("CKP-1, INP-5: an input that was overwritten is noticed")
  void overwritten() {
    Tensor x = leaf(0.5).mul(1);
    Tensor y = Checkpoint.run(CheckpointTest::chain, x);
    try (var mode = GradMode.noGrad()) {
      x.mul_(2);
    }
    Throws.saying(
        InplaceModificationException.class, y::backward, "Checkpoint", "inplace operation");
  }

  @Test
  @DisplayName("CKP-1: under noGrad the part simply runs")
  void noGrad() {
    try (var mode = GradMode.noGrad()) {
      assertFalse(Checkpoint.run(counted(CheckpointTest::chain), leaf(1)).requiresGrad());
    }
    assertEquals(1, calls);
  }
}
