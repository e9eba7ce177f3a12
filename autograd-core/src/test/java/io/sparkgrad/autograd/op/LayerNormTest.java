// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNormTest {

  @Test
  @DisplayName("O08, LN-1: eps 4 on [1, 3, 5, 7], where σ² + ε = 9")
  void valuesAreRight() {
    Tensor x = t(new double[] {1, 3, 5, 7}, 1, 4).requiresGrad_();
    Tensor w = v(1, 1, 1, 1).requiresGrad_();
    Tensor b = v(0, 0, 0, 0).requiresGrad_();
    Tensor y = LayerNorm.of(x, Shape.of(4), w, b, 4);
    values(y, Shape.of(1, 4), -1, -1 / 3.0, 1 / 3.0, 1);
    y.backward(t(new double[] {1, 0, 0, 0}, 1, 4));
    values(x.grad(), 1 / 6.0, -1 / 9.0, -1 / 18.0, 0);
    values(w.grad(), -1, 0, 0, 0);
    values(b.grad(), 1, 0, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({"1,3,1", "2,1,3", "3,2,2", "0,2,2"})
  void gradientsAreRight(long n, long h, long w) {
    for (Shape normalized : new Shape[] {Shape.of(w), Shape.of(h, w), Shape.of(n, h, w)}) {
      allGradients(
          in -> LayerNorm.of(in.get(0), normalized, in.get(1), in.get(2), 0.1),
          random(1, n, h, w),
          random(2, normalized),
          random(3, normalized));
    }
    gradients(x -> LayerNorm.of(x, Shape.of(w), null, null, 0.1), random(1, n, h, w));
  }

  @Test
  void badShapes() {
    for (Shape normalized : new Shape[] {Shape.of(2), Shape.scalar(), Shape.of(1, 2, 3)}) {
      rejects(
          ShapeMismatchException.class,
          "layer_norm: expected an input whose last axes are %s, got [2, 3]".formatted(normalized),
          () -> LayerNorm.of(random(1, 2, 3), normalized, null, null, 0.1));
    }
    rejects(
        ShapeMismatchException.class,
        "layer_norm: expected weight and bias of shape [3], got [2]",
        () -> LayerNorm.of(random(1, 2, 3), Shape.of(3), null, v(1, 2), 0.1));
  }
}
