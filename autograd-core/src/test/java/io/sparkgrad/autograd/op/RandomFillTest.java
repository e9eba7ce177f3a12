// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RandomFillTest {
  private static final List<UnaryOperator<Tensor>> WRITES =
      List.of(
          x -> x.uniform_(2, 3, new Generator(1)),
          x -> x.normal_(5, 1, new Generator(1)),
          x -> x.bernoulli_(0.5, new Generator(1)));

  /** Mean and variance, within four standard errors of what is expected. */
  private static void moments(Tensor x, double mean, double variance) {
    assertEquals(mean, x.mean().item(), 4 * Math.sqrt(variance / x.numel()));
    assertEquals(variance, x.var().item(), 4 * variance * Math.sqrt(2.0 / x.numel()));
  }

  @Test
  void distributions() {
    Tensor x = v(new double[10_000]);
    moments(x.uniform_(-1, 3, new Generator(1)), 1, 16 / 12.0);
    assertTrue(Arrays.stream(x.toDoubleArray()).allMatch(u -> u >= -1 && u < 3));
    moments(x.normal_(2, 3, new Generator(2)), 2, 9);
    moments(x.bernoulli_(0.25, new Generator(3)), 0.25, 0.25 * 0.75);
    assertTrue(Arrays.stream(x.toDoubleArray()).allMatch(b -> b == 0 || b == 1));
    values(v(1, 2).uniform_(3, 3, new Generator(1)), 3, 3);
    values(v(1, 2).normal_(3, 0, new Generator(1)), 3, 3);
    values(v(7, 7).bernoulli_(0, new Generator(1)), 0, 0);
    assertArrayEquals(
        new long[] {1, 1}, Tensor.of(new long[2]).bernoulli_(1, new Generator(1)).toLongArray());
  }

  @Test
  @DisplayName("the upper end is left out, also where rounding to FLOAT32 would reach it")
  void rounding() {
    Tensor x = Tensor.zeros(1000).uniform_(1 - 1e-7, 1, new Generator(1));
    for (float u : x.toFloatArray()) {
      assertTrue(u < 1);
    }
    for (float u : Tensor.rand(new Generator(1), 100, 10).toFloatArray()) {
      assertTrue(u >= 0 && u < 1);
    }
  }

  @Test
  @DisplayName("RULE-11: what is overwritten gets a gradient of 0, through a view its part")
  void gradients() {
    for (UnaryOperator<Tensor> write : WRITES) {
      Tensor x = v(1, 2).requiresGrad_();
      values(gradient(a -> write.apply(a.mul(1)), x, 3, 5), 0, 0);
      Tensor base = t(new double[] {1, 2}, 2, 1).requiresGrad_();
      Tensor y = base.mul(1);
      Tensor view = y.reshape(2);
      assertSame(view, write.apply(view));
      y.backward(t(new double[] {3, 5}, 2, 1));
      values(base.grad(), 0, 0);
    }
  }

  @Test
  @DisplayName("INP-1, INP-4: writes as all others: one version each, and not into a leaf")
  void writes() {
    Tensor x = v(1, 2);
    WRITES.forEach(w -> assertSame(x, w.apply(x)));
    assertEquals(WRITES.size(), x.version());
    Generator generator = new Generator(1);
    long before = generator.state();
    Tensor leaf = v(1, 2).requiresGrad_();
    rejects(
        AutogradException.class,
        "normal_: a leaf Variable that requires grad is being used in an in-place operation; write under GradMode.noGrad(), or out of place.",
        () -> leaf.normal_(0, 1, generator));
    assertEquals(before, generator.state());
    assertEquals(DType.FLOAT64, x.dtype());
  }

  @Test
  void badArguments() {
    Generator g = new Generator(1);
    rejects(
        IllegalArgumentException.class,
        "uniform_: expected low <= high, got 2.0 and 1.0",
        () -> v(1).uniform_(2, 1, g));
    rejects(
        IllegalArgumentException.class,
        "normal_: expected a std of 0 or more, got -1.0",
        () -> v(1).normal_(0, -1, g));
    rejects(
        IllegalArgumentException.class,
        "bernoulli_: p has to be between 0 and 1, got NaN",
        () -> v(1).bernoulli_(Double.NaN, g));
    rejectsIntegers("uniform_", x -> x.uniform_(0, 1, g));
    rejectsIntegers("normal_", x -> x.normal_(0, 1, g));
  }
}
