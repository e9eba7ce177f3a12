// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MaskedTest {
  private static Tensor mask(long[] values, long... dims) {
    return Tensor.of(values, dims).to(DType.BOOL);
  }

  @Test
  @DisplayName("G13: masked_fill([T, F, T]) lets the gradient through where it did not fill")
  void fill() {
    Tensor x = v(Double.NaN, 2, 3).requiresGrad_();
    Tensor value = t(new double[] {9}).reshape().requiresGrad_();
    Tensor mask = mask(new long[] {1, 0, 1});
    values(x.maskedFill(mask, 9), 9, 2, 9);
    Tensor y = Masked.fill(x, mask, value);
    values(y, 9, 2, 9);
    y.backward(v(1, 10, 100));
    values(x.grad(), 0, 10, 0);
    values(value.grad(), 101);
  }

  @Test
  void select() {
    Tensor mask = mask(new long[] {1, 0, 1});
    values(arange(2, 3).maskedSelect(mask), Shape.of(4), 0, 2, 3, 5);
    values(v(1, 2, 3).maskedSelect(mask(new long[] {1, 0}, 2, 1)), 1, 2, 3);
    values(gradient(x -> x.maskedSelect(mask), v(1, 2, 3).requiresGrad_(), 1, 10), 1, 0, 10);
  }

  @Test
  void gradientsAreRight() {
    Tensor mask = mask(new long[] {1, 0}, 2, 1);
    allGradients(in -> Masked.fill(in.get(0), mask, in.get(1)), random(1, 2, 3), random(2, 1));
    gradients(x -> x.maskedSelect(mask), random(1, 2, 3));
    gradients(x -> x.maskedSelect(mask), random(1, 3)); // the mask stretches the tensor
    gradients(x -> x.maskedFill(mask(new long[0], 0), 1), random(1, 0));
  }

  @Test
  void badMasks() {
    rejects(
        AutogradException.class,
        "masked_fill: expected a mask of dtype BOOL, got FLOAT64; convert with to(BOOL)",
        () -> v(1).maskedFill(v(1), 0));
    rejects(
        ShapeMismatchException.class,
        "masked_fill: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [3] and [2]",
        () -> v(1, 2, 3).maskedFill(mask(new long[] {1, 0}), 0));
    rejects(
        ShapeMismatchException.class,
        "masked_fill: expected a value of one element, got shape [2]",
        () -> Masked.fill(v(1, 2), mask(new long[] {1, 0}), v(1, 2)));
    rejects(
        AutogradException.class,
        "masked_select: expected a mask of dtype BOOL, got INT64; convert with to(BOOL)",
        () -> v(1).maskedSelect(Tensor.of(new long[] {1})));
  }

  @Test
  void fillStretchesTheTensor() {
    Tensor mask = mask(new long[] {1, 0}, 2, 1);
    values(v(1, 2).maskedFill(mask, 9), Shape.of(2, 2), 9, 9, 1, 2);
    values(gradient(x -> x.maskedFill(mask, 9), v(1, 2).requiresGrad_(), 1, 1, 3, 4), 3, 4);
  }
}
