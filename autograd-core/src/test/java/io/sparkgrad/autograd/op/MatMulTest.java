// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MatMulTest {

  @Test
  @DisplayName("G10: A·B and its gradients")
  void valuesAreRight() {
    Tensor a = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
    Tensor b = t(new double[] {5, 6, 7, 8}, 2, 2).requiresGrad_();
    Tensor y = a.matmul(b);
    values(y, 19, 22, 43, 50);
    y.backward(t(new double[] {1, 0, 2, -1}, 2, 2));
    values(a.grad(), 5, 7, 4, 6);
    values(b.grad(), 7, -3, 10, -4);
  }

  @Test
  @DisplayName("G10, G11: matrix times vector, vector times vector, a batch that broadcasts")
  void vectorsAndBatches() {
    values(arange(2, 2).matmul(v(1, 2)), Shape.of(2), 2, 8);
    values(v(1, 2).matmul(arange(2, 2)), Shape.of(2), 4, 7);
    values(v(1, 2).matmul(v(3, 4)), Shape.scalar(), 11);
    Tensor a = arange(2, 2, 3).requiresGrad_();
    Tensor b = arange(3, 2).requiresGrad_();
    a.matmul(b).sum().backward();
    values(a.grad(), 1, 5, 9, 1, 5, 9, 1, 5, 9, 1, 5, 9);
    values(b.grad(), 18, 18, 22, 22, 26, 26);
  }

  static Stream<Arguments> shapes() {
    return Stream.of(
        Arguments.of(Shape.of(1, 1), Shape.of(1, 1)),
        Arguments.of(Shape.of(3, 2), Shape.of(2, 5)),
        Arguments.of(Shape.of(3), Shape.of(3)),
        Arguments.of(Shape.of(3), Shape.of(3, 2)),
        Arguments.of(Shape.of(2, 3), Shape.of(3)),
        Arguments.of(Shape.of(2, 2, 3), Shape.of(3)),
        Arguments.of(Shape.of(3), Shape.of(2, 3, 2)),
        Arguments.of(Shape.of(2, 2, 3), Shape.of(3, 2)),
        Arguments.of(Shape.of(2, 3), Shape.of(2, 3, 1)),
        Arguments.of(Shape.of(2, 1, 1, 3), Shape.of(2, 3, 2)),
        Arguments.of(Shape.of(2, 0), Shape.of(0, 3)),
        Arguments.of(Shape.of(0, 2), Shape.of(2, 3)),
        Arguments.of(Shape.of(0, 2, 3), Shape.of(3, 1)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void gradientsAreRight(Shape a, Shape b) {
    allGradients(in -> in.get(0).matmul(in.get(1)), random(1, a), random(2, b));
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void transposes(boolean transposeA, boolean transposeB) {
    Tensor a = transposeA ? random(1, 2, 3) : random(1, 3, 2);
    Tensor b = transposeB ? random(2, 4, 2) : random(2, 2, 4);
    Tensor plain = (transposeA ? a.t() : a).matmul(transposeB ? b.t() : b);
    values(MatMul.product(a, transposeA, b, transposeB), Shape.of(3, 4), plain.toDoubleArray());
    allGradients(in -> MatMul.product(in.get(0), transposeA, in.get(1), transposeB), a, b);
  }

  @Test
  void badShapes() {
    assertEquals(DType.FLOAT64, Tensor.ones(1, 2).matmul(arange(2, 1)).dtype());
    rejects(
        ShapeMismatchException.class,
        "matmul: expected the last axis of the left to equal the next to last of the right, got [2, 3] and [2, 3]",
        () -> arange(2, 3).matmul(arange(2, 3)));
    rejects(
        ShapeMismatchException.class,
        "matmul: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [2] and [3]",
        () -> arange(2, 1, 1).matmul(arange(3, 1, 1)));
    rejects(
        ShapeMismatchException.class,
        "matmul: expected the last axis of the left to equal the next to last of the right, got [] and [1]",
        () -> v(1).reshape().matmul(v(1)));
  }
}
