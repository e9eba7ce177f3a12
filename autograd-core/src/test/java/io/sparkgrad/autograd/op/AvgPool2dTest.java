// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AvgPool2dTest {
  private static final Tensor X = arange(1, 1, 5, 5);
  private static final Pool2dOptions UNEVEN =
      Pool2dOptions.of(2, 3).withStride(2, 2).withPadding(1, 1).withCeilMode(true);

  private static Pool2dOptions square(int kernel, int stride, int padding) {
    return Pool2dOptions.of(kernel).withStride(stride, stride).withPadding(padding, padding);
  }

  @Test
  @DisplayName("numbers as PyTorch gives them for arange(25)")
  void valuesAreRight() {
    values(AvgPool2d.of(X, Pool2dOptions.of(2), true), Shape.of(1, 1, 2, 2), 3, 5, 13, 15);
    double third = 1 / 3.0;
    values(
        AvgPool2d.of(X, square(3, 2, 1), true),
        4 * third,
        3,
        8 * third,
        7,
        12,
        9,
        8,
        13,
        28 * third);
    values(AvgPool2d.of(X, square(3, 2, 1), false), 3, 4.5, 6, 10.5, 12, 13.5, 18, 19.5, 21);
    values(
        AvgPool2d.of(X, Pool2dOptions.of(2).withCeilMode(true), true),
        3,
        5,
        6.5,
        13,
        15,
        16.5,
        20.5,
        22.5,
        24);
    values(
        AvgPool2d.of(X, UNEVEN, true),
        Shape.of(1, 1, 3, 3),
        third / 2,
        1,
        3.5 * third,
        16 * third,
        9.5,
        22 * third,
        12,
        19.5,
        14);
  }

  @Test
  @DisplayName("a window without NaN or infinity stays finite")
  void doesNotLeak() {
    Tensor x = t(new double[] {1, 3, Double.NaN, Double.POSITIVE_INFINITY}, 1, 1, 1, 4);
    values(AvgPool2d.of(x, Pool2dOptions.of(1, 2), true), 2, Double.NaN);
  }

  @ParameterizedTest
  @CsvSource({"1,1,4,4,2,2,0", "2,3,5,3,3,1,1", "1,2,4,5,2,3,1", "1,1,1,1,1,1,0", "0,2,4,4,2,2,0"})
  void gradientsAreRight(long n, long c, long h, long w, int kernel, int stride, int padding) {
    for (boolean include : new boolean[] {true, false}) {
      gradients(
          x -> AvgPool2d.of(x, square(kernel, stride, padding), include), random(1, n, c, h, w));
    }
    gradients(
        x -> AvgPool2d.of(x, square(kernel, stride, padding).withCeilMode(true), true),
        random(1, n, c, h, w));
  }

  @Test
  @DisplayName("INP-6: the input is not saved")
  void saves() {
    Tensor leaf = random(1, 1, 1, 2, 2);
    Tensor x = leaf.copy();
    Tensor y = AvgPool2d.of(x, Pool2dOptions.of(2), true);
    try (var mode = GradMode.noGrad()) {
      x.fill_(0);
    }
    y.sum().backward();
    values(leaf.grad(), 0.25, 0.25, 0.25, 0.25);
  }

  @Test
  void badInput() {
    rejects(
        ShapeMismatchException.class,
        "avg_pool2d: expected [n, channels, height, width] with a height and width of 1 or more, got [2, 2]",
        () -> AvgPool2d.of(arange(2, 2), Pool2dOptions.of(2), true));
    rejects(
        ShapeMismatchException.class,
        "avg_pool2d: a window of 6 is larger than the padded input [1, 1, 5, 5]",
        () -> AvgPool2d.of(X, Pool2dOptions.of(6), true));
    rejects(
        IllegalArgumentException.class,
        "avg_pool2d: expected a dilation of 1, got 2×1",
        () -> AvgPool2d.of(X, Pool2dOptions.of(2).withDilation(2, 1), true));
    rejects(
        IllegalArgumentException.class,
        "avg_pool2d: expected a dilation of 1 or more, got 0×1",
        () -> AvgPool2d.of(X, Pool2dOptions.of(2).withDilation(0, 1), true));
  }
}
