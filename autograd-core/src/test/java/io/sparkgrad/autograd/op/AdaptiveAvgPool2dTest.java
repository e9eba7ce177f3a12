// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdaptiveAvgPool2dTest {
  private static final Tensor X = arange(1, 1, 5, 5);

  @Test
  @DisplayName("numbers as PyTorch gives them for arange(25)")
  void valuesAreRight() {
    values(AdaptiveAvgPool2d.of(X, 2, 3), Shape.of(1, 1, 2, 3), 5.5, 7, 8.5, 15.5, 17, 18.5);
    values(AdaptiveAvgPool2d.of(X, 7, 1), Shape.of(1, 1, 7, 1), 2, 4.5, 9.5, 12, 14.5, 19.5, 22);
    values(AdaptiveAvgPool2d.of(X, 1, 1), Shape.of(1, 1, 1, 1), 12);
    values(AdaptiveAvgPool2d.of(arange(1, 1, 2, 4), 1, 2), 2.5, 4.5);
    values(AdaptiveAvgPool2d.of(X, 5, 5), X.toDoubleArray());
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,3", "2,2", "3,1", "5,4"})
  void gradientsAreRight(int height, int width) {
    gradients(x -> AdaptiveAvgPool2d.of(x, height, width), random(1, 2, 1, 3, 4));
    gradients(x -> AdaptiveAvgPool2d.of(x, height, width), random(1, 0, 2, 4, 2));
  }

  @Test
  void badInput() {
    rejects(
        ShapeMismatchException.class,
        "adaptive_avg_pool2d: expected [n, channels, height, width] with a height and width of 1 or more, got [2, 2]",
        () -> AdaptiveAvgPool2d.of(arange(2, 2), 1, 1));
    rejects(
        IllegalArgumentException.class,
        "adaptive_avg_pool2d: expected an output size of 1 or more, got 1×0",
        () -> AdaptiveAvgPool2d.of(X, 1, 0));
  }
}
