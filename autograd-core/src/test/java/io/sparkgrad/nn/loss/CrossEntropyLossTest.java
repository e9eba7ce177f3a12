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

/** Losses of class numbers. */
class CrossEntropyLossTest {
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
        "cross_entropy: target 3 at position 1 is out of bounds for 3 classes",
        () -> new CrossEntropyLoss().forward(logits(), Tensor.of(new long[] {0, 3})));
    rejects(
        IndexOutOfBoundsException.class,
        "cross_entropy: target -1 at position 0 is out of bounds for 3 classes",
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
        "cross_entropy: expected an input [n, classes] or [n, classes, d...], got [3]",
        () -> new CrossEntropyLoss().forward(v(1, 2, 3), Tensor.of(new long[] {0, 1})));
  }

  private static final CrossEntropyOptions DEFAULT = CrossEntropyOptions.DEFAULT;
  private static final Tensor WEIGHT = v(1, 2, 3);

  /** The loss and its gradient for the logits. */
  private static void check(CrossEntropyOptions o, Tensor target, double value, double... grad) {
    Tensor x = logits();
    Tensor y = new CrossEntropyLoss(o).forward(x, target);
    values(y, Shape.scalar(), value);
    y.backward();
    values(x.grad(), grad);
    gradients(z -> new CrossEntropyLoss(o).forward(z, target), logits());
  }

  @Test
  @DisplayName("LOSS-2, O11: class weights; the mean is over the weights of the targets")
  void weights() {
    check(
        DEFAULT.withWeight(WEIGHT),
        Tensor.of(TARGET),
        0.4076059644443804,
        0.06752292987778533,
        0.18354635329109822,
        -0.25106928316888366,
        -0.08368976105629455,
        0.06118211776369941,
        0.02250764329259511);
  }

  @Test
  @DisplayName("LOSS-2, O11: label smoothing, also with weights")
  void smoothing() {
    check(
        DEFAULT.withLabelSmoothing(0.1),
        Tensor.of(TARGET),
        0.5076059644443804,
        0.02834861991852355,
        0.10569756886073216,
        -0.13404618877925578,
        -0.13404618877925578,
        0.10569756886073216,
        0.02834861991852355);
    check(
        DEFAULT.withLabelSmoothing(0.2).withWeight(WEIGHT),
        Tensor.of(TARGET),
        0.6076059644443805,
        0.046354734552599655,
        0.13797659640502505,
        -0.18433133095762477,
        -0.017094379934220146,
        0.040085207983105955,
        -0.022990828048885872);
    rejects(
        IllegalArgumentException.class,
        "cross_entropy: label_smoothing must be between 0 and 1, got 1.2",
        () -> DEFAULT.withLabelSmoothing(1.2));
  }

  @Test
  @DisplayName("LOSS-2, O11: probabilities; the mean is over the rows")
  void probabilities() {
    Tensor target = t(new double[] {0, 0.5, 0.5, 1, 0, 0}, 2, 3);
    check(
        DEFAULT,
        target,
        0.6576059644443804,
        0.04501528658519022,
        -0.12763576447260117,
        0.08262047788741089,
        -0.1673795221125891,
        0.12236423552739882,
        0.04501528658519022);
    check(
        DEFAULT.withLabelSmoothing(0.2).withWeight(WEIGHT),
        target,
        1.5336907359998848,
        0.07470335447112318,
        -0.17299250140090952,
        0.09828914692978616,
        -0.03418875986844029,
        0.08017041596621191,
        -0.045981656097771745);
    gradients(p -> new CrossEntropyLoss().forward(logits(), p), target.requiresGrad_());
  }

  @Test
  @DisplayName("LOSS-2, LOSS-3: ignored targets count for nothing")
  void ignored() {
    Tensor target = Tensor.of(new long[] {2, -100});
    check(
        DEFAULT,
        target,
        0.4076059644443804,
        0.09003057317038043,
        0.24472847105479764,
        -0.3347590442251782,
        0,
        0,
        0);
    check(
        DEFAULT.withLabelSmoothing(0.2).withWeight(WEIGHT),
        target,
        0.46932112237031065,
        0.06180631273679952,
        0.18396879520670004,
        -0.2457751079434997,
        0,
        0,
        0);
    var none = DEFAULT.withLabelSmoothing(0.2).withReduction(Reduction.NONE);
    values(new CrossEntropyLoss(none).forward(logits(), target), 0.6076059644443805, 0);
    Tensor broken = t(new double[] {1, 2, 3, Double.NaN, 0, 0}, 2, 3);
    values(new CrossEntropyLoss(none).forward(broken, target), 0.6076059644443805, 0);
  }

  @Test
  @DisplayName("LOSS-2: with all targets ignored the mean is NaN and the sum 0")
  void allIgnored() {
    Tensor target = Tensor.of(new long[] {7, 7});
    CrossEntropyOptions o = DEFAULT.withIgnoreIndex(7);
    values(new CrossEntropyLoss(o).forward(logits(), target), Double.NaN);
    values(new CrossEntropyLoss(o.withReduction(Reduction.SUM)).forward(logits(), target), 0);
  }

  /** {@code [2, 3, 2]}: classes on the second axis. */
  private static Tensor image() {
    return t(
        new double[] {
          0,
          0.3,
          0.6,
          0.8999999999999999,
          0.19999999999999996,
          0.5,
          0.7999999999999998,
          0.10000000000000009,
          0.3999999999999999,
          0.6999999999999997,
          0,
          0.2999999999999998
        },
        2,
        3,
        2);
  }

  @Test
  @DisplayName("LOSS-2: [N, C, d] logits")
  void moreAxes() {
    Tensor target = Tensor.of(new long[] {0, 2, 1, -100}, 2, 2);
    values(new CrossEntropyLoss().forward(image(), target), 1.2484941613731233);
    var none = DEFAULT.withWeight(WEIGHT).withReduction(Reduction.NONE);
    values(
        new CrossEntropyLoss(none).forward(image(), target),
        Shape.of(2, 2),
        1.397115985195438,
        3.591347955586314,
        2.302501027456988,
        0);
    values(new CrossEntropyLoss().forward(image(), image()), 1.1427795407944423);
    gradients(x -> new CrossEntropyLoss().forward(x, target), image().requiresGrad_());
    rejects(
        ShapeMismatchException.class,
        "cross_entropy: expected a target of shape [2, 2] for input [2, 3, 2], got [2]",
        () -> new CrossEntropyLoss().forward(image(), Tensor.of(TARGET)));
  }

  @Test
  @DisplayName("LOSS-2: NLL of log-probabilities")
  void nll() {
    Tensor logs = logits().detach().logSoftmax(1);
    var weighted = new NLLLoss(WEIGHT, -100, Reduction.MEAN);
    values(weighted.forward(logs, Tensor.of(TARGET)), 0.4076059644443804);
    Tensor target = Tensor.of(new long[] {2, 1});
    values(new NLLLoss(null, 1, Reduction.SUM).forward(logs, target), 0.4076059644443804);
    values(
        weighted.forward(image(), Tensor.of(new long[] {0, 2, 1, -100}, 2, 2)),
        -0.3833333333333333);
    gradients(x -> new NLLLoss().forward(x, target), logits());
    rejects(
        ShapeMismatchException.class,
        "nll_loss: expected a weight for each of 3 classes, got shape [2]",
        () -> new NLLLoss(v(1, 2), -100, Reduction.MEAN).forward(logits(), target));
  }

  @Test
  void ignoredClassesNeedClassTargets() {
    rejects(
        IllegalArgumentException.class,
        "cross_entropy: ignore_index is not supported for floating point target, got 1; keep its default, -100",
        () -> new CrossEntropyLoss(DEFAULT.withIgnoreIndex(1)).forward(logits(), logits()));
  }

  @Test
  @DisplayName("LOSS-2: one row without a batch; numbers from PyTorch")
  void unbatched() {
    Tensor x = v(1, 2, 3).requiresGrad_();
    Tensor one = Tensor.of(new long[] {1}).reshape();
    Tensor loss = new CrossEntropyLoss().forward(x, one);
    values(loss, Shape.scalar(), 1.4076059644443804);
    loss.backward();
    values(x.grad(), .09003057317038043, -.7552715289452023, .6652409557748218);
    var none = new CrossEntropyLoss(Reduction.NONE);
    values(none.forward(x, one), Shape.scalar(), 1.4076059644443804);
    values(none.forward(x, v(0, .5, .5)), Shape.scalar(), .9076059644443804);
    values(new NLLLoss().forward(x, one), Shape.scalar(), -2);
    values(none.forward(x, one.reshape(1)), Shape.scalar(), 1.4076059644443804);
    values(new NLLLoss().forward(x, one.reshape(1)), Shape.scalar(), -2);
  }
}
