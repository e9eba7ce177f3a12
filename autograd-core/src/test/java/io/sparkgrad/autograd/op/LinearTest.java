// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.InplaceModificationException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinearTest {

  @Test
  @DisplayName("M09: x·Wᵀ + b and its three gradients")
  void valuesAreRight() {
    Tensor w = t(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).requiresGrad_();
    Tensor b = v(.1, .2).requiresGrad_();
    Tensor x = t(new double[] {1, 0, -1, 2, 1, 0}, 2, 3).requiresGrad_();
    Tensor y = Linear.of(x, w, b);
    values(y, Shape.of(2, 2), -1.9, -1.8, 4.1, 13.2);
    y.backward(t(new double[] {1, 2, 3, 4}, 2, 2));
    values(x.grad(), 9, 12, 15, 19, 26, 33);
    values(w.grad(), 7, 3, -1, 10, 4, -2);
    values(b.grad(), 4, 6);
  }

  static Stream<Shape> inputs() {
    return Stream.of(
        Shape.of(3), Shape.of(1, 3), Shape.of(5, 3), Shape.of(2, 4, 3), Shape.of(0, 3));
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void gradientsAreRight(Shape input) {
    allGradients(
        in -> Linear.of(in.get(0), in.get(1), in.get(2)),
        random(1, input),
        random(2, 2, 3),
        random(3, 2));
    allGradients(in -> Linear.of(in.get(0), in.get(1), null), random(1, input), random(2, 1, 3));
  }

  @Test
  void noFeatures() { // an empty sum is 0, so that the bias remains
    values(Linear.of(t(new double[0], 2, 0), t(new double[0], 1, 0), v(7)), 7, 7);
  }

  @Test
  @DisplayName("PRN-3: x is saved only if W wants a gradient, W only if x does")
  void saves() {
    Tensor x = random(1, 2, 3).detach();
    Tensor w = random(2, 2, 3);
    Tensor frozen = random(2, 2, 3).detach();
    Tensor y = Linear.of(x, w, null);
    try (var mode = GradMode.noGrad()) {
      w.fill_(0);
    }
    y.sum().backward(); // W was not saved
    assertNull(x.grad());
    Tensor z = Linear.of(random(3, 2, 3), frozen, null);
    frozen.fill_(0);
    assertThrows(InplaceModificationException.class, () -> z.sum().backward());
  }

  @Test
  void badInput() {
    rejects(
        ShapeMismatchException.class,
        "linear: expected an input [..., in] for a weight [out, in], got [2] and [1, 3]",
        () -> Linear.of(v(1, 2), random(1, 1, 3), null));
    rejects(
        ShapeMismatchException.class,
        "linear: expected a bias of shape [1], got [2]",
        () -> Linear.of(v(1, 2, 3), random(1, 1, 3), v(1, 2)));
    rejects(
        AutogradException.class,
        "linear: expected tensors of one dtype, got FLOAT32 and FLOAT64",
        () -> Linear.of(Tensor.zeros(2, 3), random(1, 1, 3), null));
    assertEquals(Shape.of(1), Linear.of(v(1, 2, 3), random(1, 1, 3), null).shape());
  }
}
