// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.Warnings;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses of single elements. */
class ElementwiseLossesTest {

  /** The loss and its gradient for the input. */
  private static void check(Loss loss, Tensor input, Tensor target, double value, double... grad) {
    Tensor x = input.requiresGrad_();
    Tensor y = loss.forward(x, target);
    values(y, Shape.scalar(), value);
    y.backward();
    values(x.grad(), grad);
  }

  @Test
  @DisplayName("LOSS-4, O12: mean squared error; both arguments get gradients")
  void mse() {
    Tensor target = v(0, 4, 3).requiresGrad_();
    check(new MseLoss(), v(1, 2, 3), target, 1.6666666666666667, 2.0 / 3, -4.0 / 3, 0);
    values(target.grad(), -2.0 / 3, 4.0 / 3, 0);
  }

  @Test
  @DisplayName("LOSS-6, O12: L1, SmoothL1 and Huber")
  void piecewise() {
    double third = 1.0 / 3;
    check(new L1Loss(), v(1, 2, 3), v(0, 4, 3), 1, third, -third, 0);
    check(
        new SmoothL1Loss(),
        v(1, 2, 3),
        v(0, 4, 3),
        0.6666666666666666,
        0.3333333333333333,
        -0.3333333333333333,
        0);
    check(
        new SmoothL1Loss(1.5, Reduction.MEAN),
        v(1, 2, 3),
        v(0, 4, 3),
        0.5277777777777778,
        0.2222222222222222,
        -0.3333333333333333,
        0);
    check(new SmoothL1Loss(0, Reduction.MEAN), v(1, 2, 3), v(0, 4, 3), 1, third, -third, 0);
    check(
        new HuberLoss(0.5, Reduction.MEAN),
        v(1, 2, 3),
        v(0, 4, 3),
        0.4166666666666667,
        0.16666666666666666,
        -0.16666666666666666,
        0);
  }

  @Test
  @DisplayName("LOSS-5, O12: BCE of probabilities, clamped where the logarithm is -∞")
  void bce() {
    check(
        new BCELoss(),
        v(0.2, 0.9),
        v(0, 1),
        0.16425203348601802,
        0.6249999999999999,
        -0.5555555555555556);
    values(new BCELoss().forward(v(0), v(1)), 100);
  }

  @Test
  @DisplayName("LOSS-5, O13: BCE of logits is finite")
  void bceWithLogits() {
    var none = new BCEWithLogitsLoss(Reduction.NONE);
    values(none.forward(v(1000, -1000), v(1, 0)), 0, 0);
    values(none.forward(v(1000, -1000), v(0, 1)), 1000, 1000);
    check(
        new BCEWithLogitsLoss(),
        v(0, 2, -3),
        v(1, 0, 1),
        1.9562208477255532,
        -0.16666666666666666,
        0.29359902599262744,
        -0.3175247089408111);
    var weighted = new BCEWithLogitsLoss(v(3), Reduction.MEAN);
    check(
        weighted,
        v(0, 2, -3),
        v(1, 0, 1),
        4.450710535814678,
        -0.5,
        0.29359902599262744,
        -0.9525741268224333);
  }

  @Test
  void klDiv() { // t·(ln t − x), also of t = 0
    Tensor target = t(new double[] {0.3, 0.7, 1, 0}, 2, 2);
    check(new KLDivLoss(), input(), target, 0.3972839244862766, -0.075, -0.175, -0.25, 0);
    check(KLDivLoss.batchMean(false), input(), target, 0.7945678489725532, -0.15, -0.35, -0.5, 0);
    Tensor logs = t(new double[] {-1, -0.5, -2, -0.1}, 2, 2);
    check(
        new KLDivLoss(true, Reduction.SUM),
        input(),
        logs,
        3.3308215770183134,
        -0.36787944117144233,
        -0.6065306597126334,
        -0.1353352832366127,
        -0.9048374180359595);
  }

  private static Tensor input() {
    return t(new double[] {-1, -2, -0.5, -3}, 2, 2);
  }

  static Stream<Loss> losses() {
    return Stream.of(
        new MseLoss(),
        new L1Loss(Reduction.SUM),
        new SmoothL1Loss(1.5, Reduction.NONE),
        new HuberLoss(0.7, Reduction.MEAN),
        new BCEWithLogitsLoss(),
        new BCEWithLogitsLoss(v(2, 0.5, 1), Reduction.NONE),
        new KLDivLoss(true, Reduction.MEAN));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void gradientsAreRight(Loss loss) {
    allGradients(in -> loss.forward(in.get(0), in.get(1)), random(1, 2, 3), random(2, 2, 3));
  }

  @Test
  @DisplayName("LOSS-1: reductions")
  void reductions() {
    values(new MseLoss(Reduction.SUM).forward(v(1, 2, 3), v(0, 4, 3)), 5);
    values(new MseLoss(Reduction.NONE).forward(v(1, 2, 3), v(0, 4, 3)), 1, 4, 0);
    values(new L1Loss().forward(v(), v()), Double.NaN);
  }

  @Test
  @DisplayName("LOSS-4: shapes that broadcast are taken with a warning, others are not")
  void shapes() {
    assertEquals(
        Shape.of(3, 3), new MseLoss(Reduction.NONE).forward(v(1, 2, 3), arange(3, 1)).shape());
    assertEquals(
        List.of("{0}; both broadcast to {1}, which is seldom meant: reshape one of them."),
        Warnings.of(ElementwiseLoss.class, () -> new MseLoss().forward(v(1, 2, 3), arange(3, 1))));
    rejects(
        ShapeMismatchException.class,
        "l1_loss: expected shapes that broadcast (equal sizes or 1, aligned at the end), got [3, 5] and [5, 3]",
        () -> new L1Loss().forward(arange(3, 5), arange(5, 3)));
    rejects(
        ShapeMismatchException.class,
        "binary_cross_entropy: expected a target of the input's shape [2], got [1]",
        () -> new BCELoss().forward(v(0.5, 0.5), v(1)));
  }

  @Test
  void badArguments() {
    rejects(
        IllegalArgumentException.class,
        "HuberLoss: delta has to be greater than 0, got 0.0",
        () -> new HuberLoss(0, Reduction.MEAN));
    rejects(
        IllegalArgumentException.class,
        "SmoothL1Loss: beta has to be 0 or greater, got -1.0",
        () -> new SmoothL1Loss(-1, Reduction.MEAN));
  }

  @Test
  @DisplayName("LOSS-5: a weight of each element; numbers from PyTorch")
  void weighted() {
    Tensor x = v(.2, .9, .5).requiresGrad_();
    Tensor loss = new BCELoss(v(2, .5, 3), Reduction.MEAN).forward(x, v(0, 1, 1));
    values(loss, .8594696340457229);
    loss.backward();
    values(x.grad(), .8333333333333331, -.1851851851851852, -2);
    Tensor z = v(0, 2, -3, 1, -1, .5).reshape(2, 3);
    Tensor t = v(1, 0, 1, 0, 1, 1).reshape(2, 3);
    var logits = new BCEWithLogitsLoss(v(2, .5, 3), Reduction.MEAN, v(2, 1, 3));
    values(logits.forward(z, t), 6.470530994723578);
    rejects(
        ShapeMismatchException.class,
        "binary_cross_entropy: expected a weight that stretches to shape [3], got [2]",
        () -> new BCELoss(v(1, 1), Reduction.MEAN).forward(x, v(0, 1, 1)));
  }
}
