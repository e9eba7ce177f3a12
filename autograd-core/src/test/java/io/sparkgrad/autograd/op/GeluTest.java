// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.savesInput;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.shape.Shape;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GeluTest {

  @Test
  @DisplayName("O13: exact GELU")
  void valuesAndDerivatives() {
    // x·Φ(x), Φ + x·φ
    values(v(-1, 0, 2).gelu(), -0.15865525393145702, 0, 1.9544997361036416);
    values(
        gradient(x -> x.gelu(), v(-1, 0, 2).requiresGrad_(), 1, 1, 1),
        -0.08331547058768635,
        0.5,
        1.085231801078197);
  }

  @EachShape
  void gradientsAreRight(Shape shape) {
    gradients(x -> x.gelu(), random(1, shape));
  }

  @Test
  void saved() {
    savesInput(x -> x.gelu());
    rejectsIntegers("gelu", x -> x.gelu());
  }

  @Test
  void tanhForm() {
    values(v(-1, 0, 2).geluTanh(), -0.15880800939172324, 0, 1.954597694087775);
    values(
        gradient(Tensor::geluTanh, v(-1, 0, 2).requiresGrad_(), 1, 1, 1),
        -0.08296408384578252,
        0.5,
        1.0860992566236183);
    gradients(Tensor::geluTanh, random(1, 2, 1, 3));
    savesInput(Tensor::geluTanh);
    rejectsIntegers("gelu", Tensor::geluTanh);
  }
}
