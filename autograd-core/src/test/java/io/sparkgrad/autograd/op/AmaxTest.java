// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.distinct;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
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

class AmaxTest {

  @Test
  void valuesAreRight() {
    Tensor x = t(new double[] {1, 5, 3, 4, 2, 6}, 2, 3);
    values(x.amax(), Shape.scalar(), 6);
    values(x.amax(0), Shape.of(3), 4, 5, 6);
    values(x.amin(true, 1), Shape.of(2, 1), 1, 2);
    values(v(1, Double.NaN).max(), Double.NaN);
  }

  @Test
  @DisplayName("G04, RULE-6: ties share evenly, in all or in each slice")
  void ties() {
    double third = 1.0 / 3;
    Tensor x = v(1, 0, 1, 0, 1, 0).requiresGrad_();
    values(gradient(Tensor::max, x, 1), third, 0, third, 0, third, 0);
    x.setGrad(null);
    values(gradient(Tensor::min, x, 1), 0, third, 0, third, 0, third);
    Tensor rows = t(new double[] {1, 3, 3, 2, 2, 0}, 2, 3).requiresGrad_();
    values(gradient(y -> y.amax(1), rows, 1, 1), 0, 0.5, 0.5, 0.5, 0.5, 0);
    rows.setGrad(null);
    values(gradient(y -> y.amin(1), rows, 1, 1), 1, 0, 0, 0, 0, 1);
  }

  @Test
  @DisplayName("RULE-6: NaNs share the gradient of max(), but make that of amax() NaN")
  void nan() {
    double nan = Double.NaN;
    values(gradient(Tensor::max, v(nan, 1, nan).requiresGrad_(), 1), 0.5, 0, 0.5);
    values(gradient(Tensor::min, v(nan, 1, nan).requiresGrad_(), 1), 0.5, 0, 0.5);
    Tensor x = t(new double[] {nan, 1, 2, 3}, 2, 2);
    values(gradient(a -> a.amax(1), x.copy().requiresGrad_(), 1, 1), nan, nan, 0, 1);
    values(gradient(a -> a.amin(1), x.copy().requiresGrad_(), 1, 1), nan, nan, 1, 0);
  }

  @ParameterizedTest
  @CsvSource({"0,true", "1,false", "-1,true"})
  @DisplayName("RULE-5: keepDim only changes the shape")
  void gradientsAreRight(int axis, boolean keepDim) {
    gradients(x -> x.amax(keepDim, axis), distinct(1, 2, 3, 2));
    gradients(x -> x.amin(keepDim, axis), distinct(1, 2, 3, 2));
  }

  @Test
  void severalAxesAndAll() {
    gradients(x -> x.amax(0, 2), distinct(1, 2, 1, 3));
    gradients(Tensor::max, distinct(1, 1));
    gradients(x -> x.amax(1), random(1, 0, 3));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "amax: expected a size of 1 or more on every reduced axis, got shape [0, 3]",
        () -> random(1, 0, 3).amax(0));
    rejectsIntegers("amax", Tensor::amax);
    rejectsIntegers("amin", Tensor::amin);
    rejectsIntegers("max", Tensor::max);
    rejectsIntegers("min", Tensor::min);
  }
}
