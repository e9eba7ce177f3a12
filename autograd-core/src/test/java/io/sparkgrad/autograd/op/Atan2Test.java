// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.Test;

class Atan2Test {

  @Test
  void valuesAreRight() {
    values(
        v(1, 1, -1, 0).atan2(v(1, -1, -1, -2)),
        0.7853981633974483,
        2.356194490192345,
        -2.356194490192345,
        3.141592653589793);
  }

  @Test
  void formula() {
    // b/(a² + b²), −a/(a² + b²)
    Tensor a = v(3).requiresGrad_();
    Tensor b = v(4).requiresGrad_();
    a.atan2(b).backward();
    values(a.grad(), 4.0 / 25);
    values(b.grad(), -3.0 / 25);
  }

  @EachPair
  void gradientsAreRight(Shape a, Shape b) {
    allGradients(in -> in.get(0).atan2(in.get(1)), random(1, a), random(2, b));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "atan2: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> v(1, 2).atan2(v(1, 2, 3)));
  }

  @Test
  void integers() {
    rejectsIntegers("atan2", x -> x.atan2(x));
  }

  @Test
  void gradientAtTheOriginIs0() {
    Tensor a = v(0).requiresGrad_();
    Tensor b = v(0).requiresGrad_();
    a.atan2(b).backward();
    values(a.grad(), 0);
    values(b.grad(), 0);
  }
}
