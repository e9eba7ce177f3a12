// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesNothing;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SumTest {

  @Test
  void valuesAreRight() {
    values(arange(2, 3).sum(), Shape.scalar(), 15);
    values(arange(2, 3).sum(0), Shape.of(3), 3, 5, 7);
    values(arange(2, 3).sum(true, -1), Shape.of(2, 1), 3, 12);
    values(arange(2, 2, 2).sum(0, 2), Shape.of(2), 10, 18);
    values(t(new double[0], 0, 2).sum(0), Shape.of(2), 0, 0);
  }

  @Test
  void mean() { // the sum over the number of summands; of none it is NaN
    values(arange(2, 3).mean(), Shape.scalar(), 2.5);
    values(arange(2, 3).mean(true, 0), Shape.of(1, 3), 1.5, 2.5, 3.5);
    values(t(new double[0], 0, 2).mean(0), Double.NaN, Double.NaN);
  }

  static Stream<int[]> axes() {
    return Stream.of(new int[] {}, new int[] {0}, new int[] {-1}, new int[] {0, 2}, new int[] {1});
  }

  @ParameterizedTest
  @MethodSource("axes")
  void gradientsAreRight(int[] axes) {
    gradients(x -> x.sum(axes), random(1, 2, 1, 3));
    gradients(x -> x.sum(true, axes), random(1, 2, 1, 3));
    gradients(x -> x.mean(axes).square(), random(1, 2, 1, 3));
  }

  @EachShape
  void all(Shape shape) {
    gradients(x -> x.sum(), random(1, shape));
  }

  @Test
  @DisplayName("what undoes a broadcast: the sum over the stretched axes")
  void sumTo() {
    values(arange(2, 2, 3).sumTo(Shape.of(2, 1)), Shape.of(2, 1), 24, 42);
    gradients(x -> x.sumTo(Shape.of(1, 3)), random(1, 2, 3));
  }

  @Test
  void badAxes() {
    savesNothing(x -> x.sum());
    rejectsIntegers("sum", Tensor::sum);
    rejects(
        ShapeMismatchException.class,
        "axis: -1 appears twice in [0, -1] for shape [3]",
        () -> arange(3).sum(0, -1));
  }
}
