// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.distinct;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaxPool2dTest {

  @Test
  @DisplayName("O04: 4×4, kernel 2; overlapping windows; equal values")
  void values4x4() {
    Tensor x = arange(1, 1, 4, 4).add(1).detach().requiresGrad_();
    values(MaxPool2d.of(x, 2, 2, 0), Shape.of(1, 1, 2, 2), 6, 8, 14, 16);
    values(
        gradient(z -> MaxPool2d.of(z, 2, 2, 0), x, 1, 1, 1, 1),
        0,
        0,
        0,
        0,
        0,
        1,
        0,
        1,
        0,
        0,
        0,
        0,
        0,
        1,
        0,
        1);
    Tensor nine = arange(1, 1, 3, 3).add(1).detach().requiresGrad_();
    values(MaxPool2d.of(nine, 2, 1, 0), 5, 6, 8, 9);
    values(gradient(z -> MaxPool2d.of(z, 2, 1, 0), nine, 1, 1, 1, 1), 0, 0, 0, 0, 1, 1, 0, 1, 1);
  }

  @Test
  @DisplayName("POOL-1: of equal values the first in row order; padding never wins, NaN does")
  void ties() {
    Tensor same = t(new double[] {-3, -3, -3, -3}, 1, 1, 2, 2).requiresGrad_();
    values(gradient(z -> MaxPool2d.of(z, 2, 2, 0), same, 1), 1, 0, 0, 0);
    values(MaxPool2d.of(same, 2, 2, 1), -3, -3, -3, -3);
    values(MaxPool2d.of(t(new double[] {1, Double.NaN, 2, 3}, 1, 1, 2, 2), 2, 2, 0), Double.NaN);
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,4,4,2,2,0",
    "2,3,5,3,3,1,1",
    "1,2,4,5,2,3,1",
    "1,1,1,1,1,1,0",
    "0,2,4,4,2,2,0",
    "1,1,5,7,3,2,0"
  })
  void gradientsAreRight(long n, long c, long h, long w, int kernel, int stride, int padding) {
    gradients(x -> MaxPool2d.of(x, kernel, stride, padding), distinct(1, n, c, h, w));
  }

  @Test
  @DisplayName("POOL-1: ceil_mode, dilation and oblong windows, numbers as PyTorch gives them")
  void options() {
    Tensor x = arange(1, 1, 5, 5);
    Pool2dOptions two = Pool2dOptions.of(2);
    values(MaxPool2d.of(x, two.withCeilMode(true)), 6, 8, 9, 16, 18, 19, 21, 23, 24);
    values(
        MaxPool2d.of(x, Pool2dOptions.of(3, 1).withStride(2, 3).withPadding(1, 0)),
        Shape.of(1, 1, 3, 2),
        5,
        8,
        15,
        18,
        20,
        23);
    values(
        MaxPool2d.of(x, two.withStride(1, 1).withPadding(1, 1).withDilation(2, 2)).select(2, 1),
        11,
        12,
        13,
        14,
        13);
    Pool2dOptions all = two.withStride(2, 1).withDilation(2, 2).withCeilMode(true);
    gradients(z -> MaxPool2d.of(z, all.withPadding(1, 0)), distinct(1, 1, 2, 4, 5));
    gradients(z -> MaxPool2d.of(z, two.withCeilMode(true)), distinct(1, 1, 2, 3, 5));
    Tensor same = t(new double[9], 1, 1, 3, 3).requiresGrad_();
    Pool2dOptions apart = two.withDilation(2, 2);
    values(gradient(z -> MaxPool2d.of(z, apart), same, 1), 1, 0, 0, 0, 0, 0, 0, 0, 0);
    rejects(
        IllegalArgumentException.class,
        "max_pool2d: expected a dilation of 1 or more, got 0×1",
        () -> MaxPool2d.of(x, two.withDilation(0, 1)));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "max_pool2d: expected [n, channels, height, width] with a height and width of 1 or more, got [2, 2]",
        () -> MaxPool2d.of(arange(2, 2), 2, 2, 0));
    rejects(
        ShapeMismatchException.class,
        "max_pool2d: expected [n, channels, height, width] with a height and width of 1 or more, got [1, 1, 0, 2]",
        () -> MaxPool2d.of(t(new double[0], 1, 1, 0, 2), 2, 2, 1));
    rejects(
        ShapeMismatchException.class,
        "max_pool2d: a window of 3 is larger than the padded input [1, 1, 2, 2]",
        () -> MaxPool2d.of(arange(1, 1, 2, 2), 3, 1, 0));
    rejects(
        IllegalArgumentException.class,
        "max_pool2d: expected kernel and stride of 1 or more and padding of at most half the kernel, got kernel 2, stride 1, padding 2",
        () -> MaxPool2d.of(arange(1, 1, 2, 2), 2, 1, 2));
  }
}
