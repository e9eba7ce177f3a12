// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {
  private static Tensor seeded(Tensor x, double p) {
    Generator.current().manualSeed(1);
    return x.dropout(p, true);
  }

  @Test
  @DisplayName("row 88, DROP-1: what is kept is x/(1 − p), and the gradient g/(1 − p)")
  void valuesAndDerivatives() {
    Tensor x = v(new double[1000]).add(3).requiresGrad_();
    Tensor y = seeded(x, 0.75);
    double[] got = y.toDoubleArray();
    assertEquals(250.0, Arrays.stream(got).filter(e -> e == 12).count(), 60);
    assertEquals(1000, Arrays.stream(got).filter(e -> e == 12 || e == 0).count());
    y.sum().backward();
    values(x.grad(), Arrays.stream(got).map(e -> e / 3).toArray());
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> seeded(x, 0.5), random(1, shape));
  }

  @Test
  @DisplayName("row 88: p = 1 leaves zeros and a gradient of 0; in eval mode the same tensor")
  void extremes() {
    values(v(1, 2).dropout(1, true), 0, 0);
    values(gradient(x -> x.dropout(1, true), v(1, 2).requiresGrad_(), 3, 5), 0, 0);
    Tensor x = v(1, 2).requiresGrad_();
    assertSame(x, x.dropout(0.5, false));
    assertSame(x, x.dropout(0, true));
  }

  @Test
  @DisplayName("INP-6: only the mask is saved")
  void saved() {
    Tensor leaf = v(1, 2, 3).requiresGrad_();
    Tensor x = leaf.copy();
    Tensor y = seeded(x, 0.5);
    double[] masked = y.toDoubleArray();
    x.add_(1);
    y.add_(1).backward(v(1, 2, 3));
    values(leaf.grad(), masked); // g·mask for a g that is x
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.5, Double.NaN})
  @DisplayName("DROP-1: p outside [0, 1], in eval mode too")
  void probability(double p) {
    rejects(
        IllegalArgumentException.class,
        "dropout: p has to be between 0 and 1, got " + p,
        () -> v(1).dropout(p, false));
    rejectsIntegers("dropout", x -> x.dropout(0.5, true));
  }
}
