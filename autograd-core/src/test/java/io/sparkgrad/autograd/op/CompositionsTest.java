// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.Test;

class CompositionsTest {

  @Test
  void addAndSubWithAlpha() {
    values(v(1, 2).add(v(3, 4), 10), 31, 42);
    values(v(1, 2).sub(v(3, 4), 10), -29, -38);
    allGradients(in -> in.get(0).add(in.get(1), 3), random(1, 2, 1), random(2, 3));
    allGradients(in -> in.get(0).sub(in.get(1), 3), random(1, 2, 1), random(2, 3));
  }

  @Test
  void logarithms() {
    values(v(8, 0.5).log2(), 3, -1);
    values(v(1000, 0.1).log10(), 3, -1);
    values(gradient(Tensor::log2, v(2).requiresGrad_(), 1), 0.5 / Math.log(2));
    values(gradient(Tensor::log10, v(2).requiresGrad_(), 1), 0.5 / Math.log(10));
    gradients(Tensor::log2, positive(1, Shape.of(3)));
  }

  @Test
  void lerp() {
    values(v(1, 10).lerp(v(3, 20), 0.25), 1.5, 12.5);
    double third = 1.0 / 3;
    assertEquals(third, v(0.7).lerp(v(third), 1).item()); // exactly the end
    values(v(1, 10).lerp(v(3, 20), v(0.5, 1)), 2, 20);
    allGradients(in -> in.get(0).lerp(in.get(1), 0.3), random(1, 2, 1), random(2, 3));
    allGradients(in -> in.get(0).lerp(in.get(1), 0.8), random(1, 2, 1), random(2, 3));
    allGradients(
        in -> in.get(0).lerp(in.get(1), in.get(2)), random(1, 2, 1), random(2, 3), random(3, 1));
  }
}
