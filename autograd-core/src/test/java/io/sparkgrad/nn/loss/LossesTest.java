// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LossesTest {
  private static final long[] TARGET = {2, 0};

  private static Tensor logits() {
    return t(new double[] {1, 2, 3, 1, 0, -1}, 2, 3).requiresGrad_();
  }

  @Test
  @DisplayName("LOSS-2, LOSS-3, O09: cross entropy and its gradient (softmax − onehot)/n")
  void crossEntropy() {
    Tensor x = logits();
    Tensor loss = new CrossEntropyLoss().forward(x, Tensor.of(TARGET));
    values(loss, Shape.scalar(), 0.4076059644443804);
    loss.backward();
    values(
        x.grad(),
        0.04501528658519022,
        0.12236423552739882,
        -0.1673795221125891,
        -0.1673795221125891,
        0.12236423552739882,
        0.04501528658519022);
  }

  @Test
  @DisplayName("LOSS-1: reductions")
  void reductions() {
    Tensor target = Tensor.of(TARGET);
    values(new CrossEntropyLoss(Reduction.SUM).forward(logits(), target), 0.8152119288887608);
    values(
        new CrossEntropyLoss(Reduction.NONE).forward(logits(), target),
        Shape.of(2),
        0.4076059644443804,
        0.4076059644443804);
    values(new MseLoss(Reduction.SUM).forward(v(1, 2, 3), v(0, 4, 3)), 5);
    values(new MseLoss(Reduction.NONE).forward(v(1, 2, 3), v(0, 4, 3)), 1, 4, 0);
  }

  @Test
  void crossEntropyGradientsAndLargeLogits() {
    gradients(x -> new CrossEntropyLoss().forward(x, Tensor.of(TARGET)), logits());
    values(
        new CrossEntropyLoss().forward(t(new double[] {1000, 0}, 1, 2), Tensor.of(new long[] {1})),
        1000);
    values(
        new CrossEntropyLoss().forward(t(new double[0], 0, 2), Tensor.of(new long[0])), Double.NaN);
  }

  @Test
  @DisplayName("LOSS-2: bad targets")
  void badTargets() {
    rejects(
        IndexOutOfBoundsException.class,
        "cross_entropy: target 3 of row 1 is out of bounds for 3 classes",
        () -> new CrossEntropyLoss().forward(logits(), Tensor.of(new long[] {0, 3})));
    rejects(
        IndexOutOfBoundsException.class,
        "cross_entropy: target -1 of row 0 is out of bounds for 3 classes",
        () -> new CrossEntropyLoss().forward(logits(), Tensor.of(new long[] {-1, 0})));
    rejects(
        ShapeMismatchException.class,
        "cross_entropy: expected input batch_size (2) to match target batch_size, got target [3]",
        () -> new CrossEntropyLoss().forward(logits(), Tensor.of(new long[] {0, 1, 2})));
    rejects(
        IllegalArgumentException.class,
        "cross_entropy: expected target dtype INT64 (class numbers), got FLOAT64",
        () -> new CrossEntropyLoss().forward(logits(), v(0, 1)));
    rejects(
        ShapeMismatchException.class,
        "cross_entropy: expected logits [n, classes], got [3]",
        () -> new CrossEntropyLoss().forward(v(1, 2, 3), Tensor.of(new long[] {0})));
  }

  @Test
  @DisplayName("LOSS-4, O12: the mean of the squares; both arguments get gradients")
  void mse() {
    Tensor a = v(1, 2, 3).requiresGrad_();
    Tensor b = v(0, 4, 3).requiresGrad_();
    Tensor loss = new MseLoss().forward(a, b);
    values(loss, 1.6666666666666667);
    loss.backward();
    values(a.grad(), 2.0 / 3, -4.0 / 3, 0);
    values(b.grad(), -2.0 / 3, 4.0 / 3, 0);
    rejects(
        ShapeMismatchException.class,
        "mse_loss: expected a target of the input's shape [3], got [3, 1]",
        () -> new MseLoss().forward(a, b.reshape(3, 1)));
  }
}
