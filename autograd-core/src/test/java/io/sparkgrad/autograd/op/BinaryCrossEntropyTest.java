// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.rejectsIntegers;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachPair;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.shape.Shape;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BinaryCrossEntropyTest {

  @Test
  void valuesAndDerivatives() {
    // −(t·ln x + (1 − t)·ln(1 − x)); (x − t)/(x(1 − x)); ln(1 − x) − ln x
    Tensor x = v(0.2, 0.9).requiresGrad_();
    Tensor t = v(0, 1).requiresGrad_();
    Tensor y = BinaryCrossEntropy.of(x, t);
    values(y, 0.22314355131420976, 0.10536051565782628);
    y.backward(v(1, 1));
    values(x.grad(), 1.2499999999999998, -1.1111111111111112);
    values(t.grad(), 1.3862943611198906, -2.1972245773362196);
  }

  @Test
  @DisplayName("LOSS-5: logarithms are clamped at −100, and no gradient is NaN")
  void certainty() {
    UnaryOperator<Tensor> f = x -> BinaryCrossEntropy.of(x, v(1, 1, 0));
    values(f.apply(v(0, 1, 0)), 100, 0, 0);
    values(gradient(f, v(0, 1, 0).requiresGrad_(), 1, 1, 1), -1e12, 0, 0);
  }

  @EachPair
  void gradientsAreRight(Shape a, Shape b) {
    allGradients(
        in -> BinaryCrossEntropy.of(in.get(0).sigmoid(), in.get(1).sigmoid()),
        random(1, a),
        random(2, b));
  }

  @Test
  @DisplayName(
      "a GPU is not waited for: what is no probability comes out as NaN, whatever its target")
  void badInputOfAGpu() {
    CountingBackend gpu = CountingBackend.ofGpu();
    Tensor x = v(-1e-9, -1e-9, 1.5, 1.5, 1).to(gpu.backend());
    Tensor t = v(0, 1, 0, 1, 1).to(gpu.backend());
    gpu.reset();
    Tensor y = BinaryCrossEntropy.of(x, t);
    assertEquals(0, gpu.calls("download"));
    values(y, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0);
  }

  @Test
  void badInput() {
    rejects(
        IllegalArgumentException.class,
        "binary_cross_entropy: all elements of input should be between 0 and 1, got 0.5 to 1.5; logits go to BCEWithLogitsLoss",
        () -> BinaryCrossEntropy.of(v(0.5, 1.5), v(0, 1)));
    values(BinaryCrossEntropy.of(v(Double.NaN, 1), v(0, 1)), Double.NaN, 0);
    rejectsIntegers("binary_cross_entropy", x -> BinaryCrossEntropy.of(x, x));
  }
}
